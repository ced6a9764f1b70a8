import { randomBytes } from 'node:crypto';
import { CompiledQuery, type Kysely } from 'kysely';
import { type Connection, withConnection } from '../connection.js';
import type { Schema } from '../schema.js';
import { isRefusal, refuseUnless } from './refusal.js';

const TAKEN_OVER = 'another server has taken this database';
const SET_BACK = 'this database does not know the server that has it';
/** UTF-16 units: room for the names of the last thousand servers that had the database before. */
const BEFORE_MOST = 25_000;
/** Where another log goes on in place of the one that clients know: under a new name, so that none takes it for the same (B3.1). */
const NEW_EPOCHS = 'UPDATE rooms SET epoch = gen_random_uuid()::text';

/**
 * Keeps a server that lost the database to another one from writing, whatever it believes: its lock goes with a session,
 * and the next one may have it before this one notices. One row names the server that has the database, and those before.
 * Each transaction begins by holding that row, if the first name is its own; who takes the database changes the row, and
 * so waits for the transactions under way and lets no other begin.
 *
 * Where a server finds its name nowhere in the row, nobody took the database: it went back to before that server came.
 */
export class Fence {
  readonly #server = randomBytes(12).toString('hex');
  #raised: 'no' | 'yes' = 'no';

  constructor(private readonly db: Kysely<Schema>) {}

  /** Begins a transaction that will write. One text, so that the look costs no round trip of its own. */
  get begin(): string {
    if (this.#raised === 'no') return 'BEGIN';
    // Whoever waited for the one who takes it still sees the row as it was.
    const why = `SELECT CASE WHEN server = '${this.#server}' OR before LIKE '%${this.#server}%' THEN '${TAKEN_OVER}' ELSE '${SET_BACK}' END FROM fence`;
    const ours = `SELECT 'on' FROM fence WHERE server = '${this.#server}' FOR SHARE`;
    return `BEGIN; ${refuseUnless(`coalesce((${ours}), (${why}), '${SET_BACK}')`)}`;
  }

  /**
   * Takes the database: once this resolves no other server that did so before writes. `set_back`: nobody knows that it is the one
   * that was served last, so that every room began a new epoch.
   */
  async raise(): Promise<'taken' | 'set_back'> {
    const origin = await this.#origin();
    const renewed = await this.#inTransaction('BEGIN', async (run) => {
      await run(this.#take());
      const rooms = await run(
        `${NEW_EPOCHS} WHERE (SELECT origin IS DISTINCT FROM '${origin}' FROM fence) RETURNING room`,
      );
      await run(`UPDATE fence SET origin = '${origin}'`);
      return rooms.length;
    });
    this.#raised = 'yes';
    return renewed > 0 ? 'set_back' : 'taken';
  }

  /** Has every room begin a new epoch in the database as it is now, and takes that. `also` is done in the same transaction. */
  async renew(also: string): Promise<void> {
    const origin = await this.#origin();
    await this.#inTransaction('BEGIN', async (run) => {
      if (this.#raised === 'yes') await run(`${this.#take()}; UPDATE fence SET origin = '${origin}'`);
      await run(`${NEW_EPOCHS}; ${also}`);
    });
  }

  /** The database is the one that it was, wherever it lives now: a replica that took over without a loss, say. */
  async noteOrigin(begin: string): Promise<void> {
    const origin = await this.#origin();
    await this.#inTransaction(begin, (run) => run(`UPDATE fence SET origin = '${origin}'`));
  }

  /** Rejects with a `FencedOff` when another server has taken the database since. */
  async assertOurs(): Promise<void> {
    if (this.#raised === 'no') return;
    const [row] = await this.#ask('SELECT before FROM fence');
    if (String((row as { before?: unknown } | undefined)?.before).includes(this.#server))
      throw new FencedOff(TAKEN_OVER);
  }

  #take(): string {
    const before = `CASE WHEN fence.server = excluded.server THEN fence.before ELSE left(fence.server || ' ' || fence.before, ${BEFORE_MOST}) END`;
    return `INSERT INTO fence (id, server, before) VALUES (1, '${this.#server}', '') ON CONFLICT (id) DO UPDATE SET server = excluded.server, before = ${before}`;
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

  async #inTransaction<T>(begin: string, body: (run: Run) => Promise<T>): Promise<T> {
    return await withConnection(this.db, async (connection) => {
      const run = runOn(connection);
      try {
        await run(begin);
        const value = await body(run);
        await run('COMMIT');
        return value;
      } catch (error) {
        await run('ROLLBACK').catch(() => {});
        throw error;
      }
    });
  }

  async #ask(text: string): Promise<readonly unknown[]> {
    return (await this.db.executeQuery(CompiledQuery.raw(text))).rows;
  }
}

type Run = (text: string) => Promise<readonly unknown[]>;

function runOn(connection: Connection): Run {
  return async (text) => (await connection.execute(CompiledQuery.raw(text))).rows;
}

class FencedOff extends Error {
  override readonly name = 'FencedOff';
}

/** True for the refusal of a transaction, or of a question, because another server has taken the database. */
export function isFencedOff(error: unknown): boolean {
  return error instanceof FencedOff || isRefusal(error, TAKEN_OVER);
}

/** True for the refusal of a transaction because the database went back to before this server came. */
export function isFromBefore(error: unknown): boolean {
  return isRefusal(error, SET_BACK);
}
