import { randomBytes } from 'node:crypto';
import { CompiledQuery, type Kysely } from 'kysely';
import { type Connection, withConnection } from '../connection.js';
import type { Schema } from '../schema.js';
import { isRefusal, refuseUnless } from './refusal.js';

const REFUSAL = 'another server has taken this database';

/** Where another log goes on in place of the one that clients know: under a new name, so that none takes it for the same (B3.1). */
export const NEW_EPOCHS = 'UPDATE rooms SET epoch = md5(random()::text)';

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

  /**
   * Takes the database: once this resolves no other server that did so before writes. `set_back`: it is not the one that was served
   * last, but made from it, so that every room began a new epoch.
   */
  async raise(): Promise<'taken' | 'set_back'> {
    const origin = await this.#origin();
    const renewed = await withConnection(this.db, async (connection) => {
      await run(connection, 'BEGIN');
      try {
        await run(
          connection,
          `INSERT INTO fence (id, server) VALUES (1, '${this.#server}') ON CONFLICT (id) DO UPDATE SET server = excluded.server`,
        );
        const rooms = await run(
          connection,
          `${NEW_EPOCHS} WHERE (SELECT fence.origin <> '${origin}' FROM fence) RETURNING room`,
        );
        await run(connection, `UPDATE fence SET origin = '${origin}'`);
        await run(connection, 'COMMIT');
        return rooms.length;
      } catch (error) {
        await run(connection, 'ROLLBACK').catch(() => {});
        throw error;
      }
    });
    this.#begin = `BEGIN; ${refuseUnless(`SELECT 'on' FROM fence WHERE server = '${this.#server}' FOR SHARE`, REFUSAL)}`;
    return renewed > 0 ? 'set_back' : 'taken';
  }

  /** Rejects with a `FencedOff` when another server has taken the database since. */
  async assertOurs(): Promise<void> {
    if (this.#begin === 'BEGIN') return;
    const found = await this.#ask(`SELECT 1 FROM fence WHERE server = '${this.#server}'`);
    if (found.length === 0) throw new FencedOff(REFUSAL);
  }

  /**
   * What tells this database from one made from it: the cluster, the timeline, which changes when a replica takes over or a backup is
   * rolled forward, and the number that a table got when it was made, by a dump that is read in say.
   */
  async #origin(): Promise<string> {
    const [row] = await this.#ask(
      `SELECT concat_ws(':', (SELECT system_identifier FROM pg_control_system()), left(pg_walfile_name(pg_current_wal_lsn()), 8), 'rooms'::regclass::oid) AS origin`,
    );
    return String((row as { origin?: unknown } | undefined)?.origin);
  }

  async #ask(text: string): Promise<readonly unknown[]> {
    return (await this.db.executeQuery(CompiledQuery.raw(text))).rows;
  }
}

async function run(connection: Connection, text: string): Promise<readonly unknown[]> {
  return (await connection.execute(CompiledQuery.raw(text))).rows;
}

class FencedOff extends Error {
  override readonly name = 'FencedOff';
}

/** True for the refusal of a transaction, or of a question, because another server has taken the database. */
export function isFencedOff(error: unknown): boolean {
  return error instanceof FencedOff || isRefusal(error, REFUSAL);
}
