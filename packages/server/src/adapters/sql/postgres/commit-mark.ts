import { randomBytes } from 'node:crypto';
import { CompiledQuery, type Kysely } from 'kysely';
import pg from 'pg';
import type { CommitOutcome } from '../../../ports/store-metrics.js';
import { withConnection } from '../connection.js';
import type { Schema } from '../schema.js';
import { type Fence, isUnsettled, type Settled } from './fence.js';
import { isRefusal, refuseUnless } from './refusal.js';

const RENEWAL_STEP = 0.001;
const SET_BACK = 'the database has lost what it had confirmed';
/** How long the row of a process outlives it: it goes with the other operations. */
const HOUR_MS = 3_600_000;

/**
 * Knows what came of a transaction whose COMMIT was not answered. Each transaction begins by putting its mark into one
 * row of this process, among the operations that are remembered. Who asks for the mark changes the same row, and so
 * waits until the transaction is over: also a COMMIT that arrives late is seen, and none can come after the answer.
 *
 * The row also shows a database that went back behind what this process wrote: its mark is an earlier one then.
 */
export class CommitMark {
  readonly #owner = `store:${randomBytes(12).toString('hex')}`;
  /** What the row says since the last transaction that was committed. */
  #last: number | undefined;

  constructor(
    private readonly db: Kysely<Schema>,
    private readonly fence: Pick<Fence, 'begin' | 'settle'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Begins a transaction that is not asked about. Texts, so that the looks cost no round trip of their own. */
  get beginUnmarked(): string {
    if (this.#last === undefined) return this.fence.begin;
    // Of those who write nothing for a day the others would remove the row.
    return `${this.#beginIfFound}; UPDATE operations SET at = ${this.#hour} WHERE ${this.#mine} AND at < ${this.#hour}`;
  }

  begin(mark: number): string {
    return `${this.#beginIfFound}; ${this.#put(mark)} SET fingerprint = excluded.fingerprint, at = excluded.at`;
  }

  committed(mark: number): void {
    this.#last = mark;
  }

  /** After a transaction was refused because something may be lost. */
  async settle(): Promise<Settled> {
    // After the last one and before the next, which is a whole one more at least.
    const renewal = (this.#last ?? 0) + RENEWAL_STEP;
    const put = `${this.#put(renewal)} SET fingerprint = excluded.fingerprint`;
    const settled = await this.fence.settle({ found: this.#found, put });
    if (settled === 'lost') this.#last = renewal;
    return settled;
  }

  /** Rejects also when another server has taken the database: what is stored is for that one to say. */
  async outcomeOf(mark: number): Promise<CommitOutcome> {
    const found = await withConnection(this.db, async (connection) => {
      try {
        await connection.execute(CompiledQuery.raw(this.fence.begin));
        const text = `${this.#put(-1)} SET reply = excluded.reply RETURNING operations.fingerprint`;
        const { rows } = await connection.execute<{ fingerprint: string }>(CompiledQuery.raw(text));
        return rows[0]?.fingerprint;
      } finally {
        await connection.execute(CompiledQuery.raw('COMMIT')).catch(() => {});
      }
    });
    return found === String(mark) ? 'committed' : 'lost';
  }

  get #beginIfFound(): string {
    return `${this.fence.begin}; ${refuseUnless(`coalesce((${this.#found}), '${SET_BACK}')`)}`;
  }

  get #mine(): string {
    return `owner = '${this.#owner}' AND op_id = 'commit'`;
  }

  /** Gives a row if the mark of the last transaction is there. */
  get #found(): string {
    if (this.#last === undefined) return "SELECT 'on'";
    // Or a later one: a transaction may be committed between this and the look. Of other rows that is no number.
    return `SELECT 'on' FROM operations WHERE ${this.#mine} AND CASE WHEN ${this.#mine} THEN fingerprint::numeric >= ${this.#last} END`;
  }

  /** The full hour: `at` has an index, and a change of it each time would cost more than the rest. */
  get #hour(): number {
    return Math.ceil(this.now() / HOUR_MS) * HOUR_MS;
  }

  #put(mark: number): string {
    return `INSERT INTO operations (owner, op_id, fingerprint, reply, at) VALUES ('${this.#owner}', 'commit', '${mark}', '', ${this.#hour}) ON CONFLICT (owner, op_id) DO UPDATE`;
  }
}

/** True for the refusal of a transaction because the database may have gone back behind what was confirmed. */
export const maySetBack = (error: unknown): boolean => isUnsettled(error) || isRefusal(error, SET_BACK);

/** Classes of refusals after which PostgreSQL has rolled back: constraints, rollback, state of the transaction. */
const ROLLED_BACK = ['23', '25', '40'];
const COMPLETION_UNKNOWN = '40003';
const CANCELED = '57014';

/** Only a refusal says something: a broken line, silence, a shutdown and a crash of the server do not. */
export function mayHaveCommitted(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true;
  const { code = '' } = error;
  if (code === COMPLETION_UNKNOWN) return true;
  return !(code === CANCELED || ROLLED_BACK.includes(code.slice(0, 2)));
}
