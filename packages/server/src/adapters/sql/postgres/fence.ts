import { randomBytes } from 'node:crypto';
import type { Clock } from '@goconnect/protocol';
import { CompiledQuery, type Kysely } from 'kysely';
import { withConnection } from '../connection.js';
import type { Schema } from '../schema.js';
import type { Servers } from '../sql-database.js';
import { type FenceNow, LIFE, type Run, readFence, runOn } from './fence-row.js';
import { isRefusal, refuseUnless } from './refusal.js';

const TAKEN_OVER = 'another server has taken this database';
const SET_BACK = 'this database does not know the server that has it';
const ANOTHER_LIFE = 'PostgreSQL was started anew';
/** What the name of a fleet begins with, and that of a lone server does not. */
const FLEET = 'fleet-';
/** UTF-16 units: room for the names of the last eight hundred that had the database before. */
const BEFORE_MOST = 25_000;
/** How often a server that joins looks whether a fleet lives on after PostgreSQL was started anew … */
const LOOKS = 15;
/** … three seconds in all: those who live look for PostgreSQL as often. */
const PAUSE_MS = 200;

/** What this server wrote last: SQL that gives a row if it is still there, and that puts it there again. */
export interface LastWritten {
  readonly found: string;
  readonly put: string;
}

/** `unsure`: of this server's own nothing is lost; what became of the others' nobody knows. */
export type Settled = 'as_it_was' | 'lost' | 'unsure';

/**
 * Keeps a server that lost the database to another one from writing, whatever it believes: its lock goes with a session,
 * and the next one may have it before this one notices. One row names the server that has the database, or the fleet, and
 * those before. Each transaction begins by holding the table against change, if the first name is its own; who takes the
 * database waits for the transactions under way and lets no other begin.
 *
 * Where a server finds its name nowhere in the row, nobody took the database: it went back to before that server came. And
 * what was confirmed may be lost whenever PostgreSQL begins another life: nobody writes in one that they did not `settle`.
 */
export class Fence {
  #name = '';
  #servers: Servers = 'one';
  /** The life of PostgreSQL that is settled; undefined until this server has the database. */
  #life: string | undefined;

  constructor(private readonly db: Kysely<Schema>) {}

  /** Begins a transaction that will write. One text, so that the look costs no round trip of its own. */
  get begin(): string {
    if (this.#life === undefined) return 'BEGIN';
    const ours = `CASE WHEN ${LIFE} = '${this.#life}' THEN 'on' ELSE '${ANOTHER_LIFE}' END`;
    const others = `CASE WHEN before LIKE '%${this.#name}%' THEN '${TAKEN_OVER}' ELSE '${SET_BACK}' END`;
    const found = `SELECT CASE WHEN server = '${this.#name}' THEN ${ours} ELSE ${others} END FROM fence`;
    return `BEGIN; LOCK TABLE fence IN ROW SHARE MODE; ${refuseUnless(`coalesce((${found}), '${SET_BACK}')`)}`;
  }

  /**
   * Takes the database, or joins the fleet that has it: once this resolves nobody of another name writes. `set_back`: nobody
   * knows that it is the one that was served last, so that every room began a new epoch.
   */
  async raise(
    servers: Servers,
    clock: Pick<Clock, 'setTimeout'>,
  ): Promise<{ readonly fleet?: string; readonly found: 'as_it_was' | 'set_back' }> {
    this.#servers = servers;
    for (let looks = servers === 'several' ? LOOKS : 0; ; looks--) {
      const found = await this.#alone((run, row) => this.#enter(run, row, looks > 0 ? 'may_wait' : 'must'));
      if (found !== 'later') return { found, ...(servers === 'several' && { fleet: this.#name }) };
      await new Promise<void>((resolve) => {
        clock.setTimeout(resolve, PAUSE_MS);
      });
    }
  }

  /**
   * Looks what is lost after a transaction was refused for it. If anything is, every room begins a new epoch; in a fleet also
   * where nobody can know, for who died with PostgreSQL is not asked. What another one of the fleet has renewed already stays so.
   */
  async settle({ found, put }: LastWritten): Promise<Settled> {
    return await this.#alone(async (run, row) => {
      const isOurs = row.server === this.#name;
      if (!isOurs && row.before.includes(this.#name)) throw new FencedOff(TAKEN_OVER);
      const isLost = !isOurs || row.last === null;
      const isRenewed = isOurs && row.renewed === row.lifeNow && this.#life !== row.lifeNow;
      const isUnsure = this.#servers === 'several' && row.origin !== row.originNow;
      await this.#take(run, row);
      if (isUnsure || (isLost && !isRenewed)) await renewEpochs(run, row);
      if (isLost) await run(put);
      if (isLost) return 'lost';
      return isUnsure ? 'unsure' : 'as_it_was';
    }, found);
  }

  /** Rejects with a `FencedOff` when another server has taken the database since. */
  async assertOurs(): Promise<void> {
    if (this.#life === undefined) return;
    const asked = CompiledQuery.raw('SELECT before FROM fence');
    const { rows } = await this.db.executeQuery<{ before: string }>(asked);
    if (rows[0]?.before.includes(this.#name)) throw new FencedOff(TAKEN_OVER);
  }

  async #enter(
    run: Run,
    row: FenceNow,
    patience: 'may_wait' | 'must',
  ): Promise<'as_it_was' | 'set_back' | 'later'> {
    const isSame = row.origin === row.originNow;
    const fleet = row.server?.startsWith(FLEET) ? row.server : undefined;
    // Else this may be a copy of the fleet's database: the files of one that is copied say so by nothing else.
    const isHere = isSame && row.life === row.lifeNow;
    if (this.#servers === 'several' && fleet !== undefined && !isHere && patience === 'may_wait')
      return 'later';
    this.#name = this.#servers === 'several' && isHere && fleet !== undefined ? fleet : this.#newName();
    await this.#take(run, row);
    return !isSame && (await renewEpochs(run, row)) > 0 ? 'set_back' : 'as_it_was';
  }

  #newName(): string {
    return `${this.#servers === 'several' ? FLEET : ''}${randomBytes(12).toString('hex')}`;
  }

  async #take(run: Run, { originNow, lifeNow }: FenceNow): Promise<void> {
    const before = `CASE WHEN fence.server = excluded.server THEN fence.before ELSE left(fence.server || ' ' || fence.before, ${BEFORE_MOST}) END`;
    await run(
      `INSERT INTO fence (id, server, before, origin, life) VALUES (1, '${this.#name}', '', '${originNow}', '${lifeNow}')
       ON CONFLICT (id) DO UPDATE SET server = excluded.server, before = ${before}, origin = excluded.origin, life = excluded.life`,
    );
  }

  /**
   * Runs `body` while nobody writes who holds the fence. It gets its turn however busy they are: for the row alone it would wait
   * until none of several servers writes at some moment.
   */
  async #alone<T>(body: (run: Run, row: FenceNow) => Promise<T>, last?: string): Promise<T> {
    return await withConnection(this.db, async (connection) => {
      const run = runOn(connection);
      try {
        await run('BEGIN; LOCK TABLE fence IN EXCLUSIVE MODE');
        const row = await readFence(run, last);
        const value = await body(run, row);
        await run('COMMIT');
        if (value !== 'later') this.#life = row.lifeNow;
        return value;
      } catch (error) {
        await run('ROLLBACK').catch(() => {});
        throw error;
      }
    });
  }
}

/** Another log goes on in place of the one that clients know: under a new name, so that none takes it for the same (B3.1). */
async function renewEpochs(run: Run, { lifeNow }: FenceNow): Promise<number> {
  const rooms = await run('UPDATE rooms SET epoch = gen_random_uuid()::text RETURNING room');
  await run(`UPDATE fence SET renewed = '${lifeNow}'`);
  return rooms.length;
}

class FencedOff extends Error {
  override readonly name = 'FencedOff';
}

/** True for the refusal of a transaction, or of a question, because another server has taken the database. */
export function isFencedOff(error: unknown): boolean {
  return error instanceof FencedOff || isRefusal(error, TAKEN_OVER);
}

/** True for the refusal of a transaction because something may be lost: `settle` looks. */
export function isUnsettled(error: unknown): boolean {
  return isRefusal(error, SET_BACK) || isRefusal(error, ANOTHER_LIFE);
}
