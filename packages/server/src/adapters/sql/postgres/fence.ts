import { randomBytes } from 'node:crypto';
import { CompiledQuery, type Kysely } from 'kysely';
import pg from 'pg';
import type { Schema } from '../schema.js';

/** No boolean, so that PostgreSQL repeats it in its refusal, whatever language that is in. */
const REFUSAL = 'another server has taken this database';
const INVALID_TEXT = '22P02';

/**
 * Keeps a server that lost the database to another one from writing, whatever it believes: its lock goes with a session,
 * and the next one may have it before this one notices. One row names the server that has the database. Each
 * transaction begins by holding that row, if the name in it is still its own; who takes the database changes the row, and
 * so waits for the transactions under way and lets no other begin.
 */
export class Fence {
  readonly #server = randomBytes(12).toString('hex');
  #begin = 'BEGIN';

  constructor(private readonly db: Kysely<Schema>) {}

  /** Begins a transaction that will write. One text, so that the look costs no round trip of its own. */
  get begin(): string {
    return this.#begin;
  }

  /** Takes the database: once this resolves no other server that did so before writes. */
  async raise(): Promise<void> {
    await this.#ask(
      `INSERT INTO fence (id, server) VALUES (1, '${this.#server}') ON CONFLICT (id) DO UPDATE SET server = excluded.server`,
    );
    this.#begin = `BEGIN; SELECT coalesce((SELECT 'on' FROM fence WHERE server = '${this.#server}' FOR SHARE), '${REFUSAL}')::boolean`;
  }

  /** Rejects with a `FencedOff` when another server has taken the database since. */
  async assertOurs(): Promise<void> {
    if (this.#begin === 'BEGIN') return;
    const found = await this.#ask(`SELECT 1 FROM fence WHERE server = '${this.#server}'`);
    if (found.length === 0) throw new FencedOff(REFUSAL);
  }

  async #ask(text: string): Promise<readonly unknown[]> {
    return (await this.db.executeQuery(CompiledQuery.raw(text))).rows;
  }
}

class FencedOff extends Error {
  override readonly name = 'FencedOff';
}

/** True for the refusal of a transaction, or of a question, because another server has taken the database. */
export function isFencedOff(error: unknown): boolean {
  if (error instanceof FencedOff) return true;
  return error instanceof pg.DatabaseError && error.code === INVALID_TEXT && error.message.includes(REFUSAL);
}
