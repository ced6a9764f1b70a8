import type { Clock } from '@goconnect/protocol';
import { CompiledQuery } from 'kysely';
import type { LogEntry } from '../../domain/entities.js';
import type { Logger } from '../../ports/logger.js';
import { LoopShare } from '../../ports/loop-share.js';
import type { Store, Transaction } from '../../ports/store.js';
import { StoreError, type StoreFault } from '../../ports/store-error.js';
import type { CommitOutcome, StoreMetrics } from '../../ports/store-metrics.js';
import { withConnection } from './connection.js';
import { Doubt } from './doubt.js';
import { GroupCommit } from './group-commit.js';
import { LockPatience } from './lock-patience.js';
import { PendingWork } from './pending-work.js';
import type { SqlDatabase } from './sql-database.js';
import { StoreFaults } from './store-faults.js';
import { StoreHealth } from './store-health.js';
import { prepareTransaction } from './transaction.js';
import { UnitOfWork } from './unit-of-work.js';
import { probeWrite } from './write-probe.js';
import { type Attempt, CommitInDoubt, type Committed, writeTransaction } from './write-transaction.js';

/** Reads that may be under way; past it the store is busy and says so. */
const MAX_READS = 10_000;
/** Told of each doubt when it ends, with `committed` or `lost`, and when those concerned were sent away with `unknown`. */
const DOUBTED = 'the database did not answer for a commit';

const SET_BACK =
  'the database has lost what it had confirmed to this server, it failed over to an older copy or was restored: acknowledged messages may be gone; every room begins a new epoch, so that clients are told that something is missing';

type Listener = (entries: readonly LogEntry[]) => void;

export interface SqlStoreOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'setTimeout'>;
  readonly logger: Pick<Logger, 'error' | 'warn' | 'info'>;
  /** Default: nothing is counted. */
  readonly metrics?: StoreMetrics;
  /** Told once, when another server has taken the database from this one, which does nothing more with it. */
  readonly onTakenOver?: () => void;
  readonly fleet?: string;
}

/** The store over an open database whose tables are up to date. */
export class SqlStore implements Store {
  readonly fleet?: string;
  readonly #database: SqlDatabase;
  readonly #logger: SqlStoreOptions['logger'];
  readonly #metrics: StoreMetrics | undefined;
  readonly #listeners = new Set<Listener>();
  readonly #reads = new Set<Promise<unknown>>();
  readonly #openTables: (unit: UnitOfWork) => Transaction;
  readonly #writes: GroupCommit;
  readonly #faults: StoreFaults;
  readonly #patience: () => LockPatience;
  readonly #doubt: Doubt;
  readonly #loopShare: LoopShare;
  /** Marks given out to transactions. */
  #marks = 0;
  #probing: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(database: SqlDatabase, { clock, logger, metrics, onTakenOver, fleet }: SqlStoreOptions) {
    if (fleet !== undefined) this.fleet = fleet;
    this.#database = database;
    this.#logger = logger;
    this.#metrics = metrics;
    this.#faults = new StoreFaults(database, new StoreHealth(logger, metrics, onTakenOver), clock);
    this.#loopShare = new LoopShare(clock);
    this.#patience = () => new LockPatience((error) => database.faultOf(error) === 'locked', clock);
    this.#openTables = prepareTransaction(database.kysely, database.shared);
    this.#doubt = new Doubt(
      {
        outcomeOf: async ({ mark }) => {
          this.#mustBeSafe();
          return await this.#evenIfSetBack(() => database.outcomeOf(mark));
        },
        found: (doubt, outcome) => this.#noteOutcome(doubt, outcome),
        failed: (error) => void this.#noteFailure(error),
      },
      clock,
    );
    this.#writes = new GroupCommit(
      {
        transaction: (fill) => this.#transaction(fill),
        isConflict: (error) => database.isConflict(error),
        committed: (committed) => this.#committed(committed),
        findOut: (doubt) => this.#outcomeOf(doubt),
        failed: (error) => this.#noteFailure(error),
      },
      clock,
      this.#patience(),
      metrics,
    );
    database.serve?.({
      takenOver: (cause) => void this.#faults.noteFault('taken_over', cause),
      look: () => void this.#probeOnce(),
    });
  }

  async write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#mustBeOpen();
    return await new Promise<T>((resolve, reject) =>
      this.#writes.add(new PendingWork(work, resolve, reject)),
    );
  }

  async read<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#mustBeOpen();
    // What can be read is still given after damage. What another server writes is not told of in time.
    if (this.#faults.current === 'taken_over') throw faulty('taken_over');
    if (this.#reads.size >= MAX_READS) {
      this.#metrics?.refused('busy', 1);
      throw new StoreError('busy', `${MAX_READS} reads are under way already`);
    }
    const reading = this.#database.shared ? this.#read(work) : this.#loopShare.run(() => this.#read(work));
    this.#reads.add(reading);
    try {
      return await reading;
    } finally {
      this.#reads.delete(reading);
    }
  }

  onCommit(listener: Listener): () => void {
    const own: Listener = (entries) => listener(entries);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  async check(): Promise<void> {
    this.#mustBeOpen();
    this.#faults.checkFileInPlace();
    // Nobody sends work to a server that is not ready, and at night nobody sends any: it finds out by itself.
    if (this.#faults.isStale) await this.#probeOnce();
    if (this.#faults.current !== undefined) throw faulty(this.#faults.current);
  }

  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    await this.#writes.idle();
    await Promise.allSettled(this.#reads);
    await this.#database.close();
    this.#listeners.clear();
  }

  async #transaction(fill: (attempt: Attempt) => Promise<void>): Promise<Committed> {
    this.#mustBeSafe();
    await this.#doubt.end();
    // Whatever a disk that does not sync is given to commit is in doubt: better nobody is let in.
    if (this.#faults.current === 'io_error') await probeWrite(this.#database);
    return await this.#evenIfSetBack(() => this.#attempt(fill));
  }

  /** Runs what begins a transaction. Nothing is written under numbers that clients know for something else. */
  async #evenIfSetBack<T>(transaction: () => Promise<T>): Promise<T> {
    try {
      return await transaction();
    } catch (error) {
      if (!this.#database.maySetBack?.(error)) throw error;
      if ((await this.#database.settle?.()) === 'lost') this.#logger.error({ err: error }, SET_BACK);
      return await transaction();
    }
  }

  async #attempt(fill: (attempt: Attempt) => Promise<void>): Promise<Committed> {
    try {
      return await writeTransaction(this.#database, ++this.#marks, this.#openTables, fill);
    } catch (error) {
      if (error instanceof CommitInDoubt) this.#doubt.raise(error);
      throw error;
    }
  }

  async #outcomeOf(doubt: CommitInDoubt): Promise<{ outcome: CommitOutcome | 'unknown'; fault: StoreFault }> {
    const outcome = await this.#doubt.findOut(doubt);
    const fault = this.#faults.current ?? this.#database.faultOf(doubt.cause) ?? 'other';
    if (outcome === 'unknown') {
      this.#metrics?.doubted(outcome);
      this.#logger.error({ outcome, err: doubt.cause }, DOUBTED);
    }
    return { outcome, fault };
  }

  #noteOutcome({ mark, committed, cause }: CommitInDoubt, outcome: CommitOutcome): void {
    if (outcome === 'committed') this.#database.committed?.(mark);
    this.#metrics?.doubted(outcome);
    this.#logger.warn({ outcome, err: cause }, DOUBTED);
    this.#faults.noteSuccess();
    if (outcome === 'committed') this.#committed(committed);
  }

  async #probeOnce(): Promise<void> {
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
    await this.#probing;
  }

  async #probe(): Promise<void> {
    if (this.#faults.unsafe !== undefined) return;
    const patience = this.#patience();
    for (;;) {
      try {
        await this.#doubt.end();
        await this.#evenIfSetBack(() => probeWrite(this.#database, this.#faults.current));
        return this.#faults.noteSuccess();
      } catch (error) {
        if (this.#closed !== undefined || !(await patience.outlasts(error)))
          return void this.#noteFailure(error);
      }
    }
  }

  async #read<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { kysely, beginRead } = this.#database;
    const begun: { unit?: UnitOfWork } = {};
    try {
      return await withConnection(kysely, async (connection) => {
        if (beginRead !== undefined) await connection.execute(CompiledQuery.raw(beginRead));
        begun.unit = new UnitOfWork(connection, 'read');
        try {
          const value = await work(this.#openTables(begun.unit));
          begun.unit.end();
          return value;
        } finally {
          if (beginRead !== undefined) {
            await connection.execute(CompiledQuery.raw('ROLLBACK')).catch(() => {});
          }
        }
      });
    } catch (error) {
      // A work may fail for reasons of its own; before it began only the database can.
      const refusal = begun.unit === undefined ? error : begun.unit.driverError;
      const fault = this.#database.faultOf(refusal);
      if (fault === undefined) throw error;
      this.#faults.noteFault(fault, refusal);
      throw faulty(fault, refusal);
    }
  }

  #committed({ entries, wrote }: Committed): void {
    if (wrote) this.#faults.noteSuccess();
    if (entries.length === 0) return;
    for (const listener of [...this.#listeners]) {
      try {
        listener(entries);
      } catch (error) {
        this.#logger.error({ err: error }, 'a listener of the store failed');
      }
    }
  }

  #noteFailure(error: unknown): StoreFault | undefined {
    if (this.#database.isConflict(error)) {
      this.#logger.error({ err: error }, 'other nodes kept getting in the way of a work; it is refused');
      return undefined;
    }
    return this.#faults.noteFault(this.#database.faultOf(error) ?? 'other', error);
  }

  /** What would be acknowledged now might not be there tomorrow. */
  #mustBeSafe(): void {
    const { unsafe } = this.#faults;
    if (unsafe !== undefined) throw faulty(unsafe);
  }

  #mustBeOpen(): void {
    if (this.#closed === undefined) return;
    this.#metrics?.refused('closed', 1);
    throw new StoreError('closed', 'the store is closed');
  }
}

function faulty(fault: StoreFault, cause?: unknown): StoreError {
  return new StoreError('failed', `the database cannot do it: ${fault}`, { cause, fault });
}
