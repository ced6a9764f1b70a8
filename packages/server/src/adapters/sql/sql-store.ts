import type { Clock } from '@goconnect/protocol';
import { CompiledQuery } from 'kysely';
import type { LogEntry } from '../../domain/entities.js';
import type { Logger } from '../../ports/logger.js';
import type { Store, Transaction } from '../../ports/store.js';
import { StoreError } from '../../ports/store-error.js';
import type { StoreMetrics } from '../../ports/store-metrics.js';
import { withConnection } from './connection.js';
import { GroupCommit } from './group-commit.js';
import { PendingWrite } from './pending-write.js';
import type { SqlDatabase } from './sql-database.js';
import { prepareTransaction } from './transaction.js';
import { UnitOfWork } from './unit-of-work.js';
import { writeTransaction } from './write-transaction.js';

/** Reads that may be under way; past it the store is busy and says so. */
const MAX_READS = 10_000;

type Listener = (entries: readonly LogEntry[]) => void;

/** The store over an open database whose tables are up to date. */
export class SqlStore implements Store {
  readonly #listeners = new Set<Listener>();
  readonly #reads = new Set<Promise<unknown>>();
  readonly #openTables: (unit: UnitOfWork) => Transaction;
  readonly #writes: GroupCommit;
  /** What the last transaction failed of; undefined when it went well. */
  #fault: unknown;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly database: SqlDatabase,
    clock: Pick<Clock, 'monotonic'>,
    private readonly logger: Pick<Logger, 'error'>,
    private readonly metrics?: StoreMetrics,
  ) {
    this.#openTables = prepareTransaction(database.kysely, database.shared);
    this.#writes = new GroupCommit(
      {
        transaction: (fill) => writeTransaction(database, this.#openTables, fill),
        isConflict: (error) => database.isConflict(error),
        committed: (entries) => this.#committed(entries),
        failed: (error) => this.#failed(error),
      },
      clock,
      metrics,
    );
  }

  async write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#mustBeOpen();
    return await new Promise<T>((resolve, reject) =>
      this.#writes.add(new PendingWrite(work, resolve, reject)),
    );
  }

  async read<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#mustBeOpen();
    if (this.#reads.size >= MAX_READS) {
      this.metrics?.refused('busy', 1);
      throw new StoreError('busy', `${MAX_READS} reads are under way already`);
    }
    const reading = this.#read(work);
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
    if (this.#fault === undefined) {
      await this.database.kysely.executeQuery(CompiledQuery.raw('SELECT 1'));
      return;
    }
    // Nobody sends work to a server that is not ready, so it finds out itself whether the cause is gone.
    await this.#probe();
  }

  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    await this.#writes.idle();
    await Promise.allSettled(this.#reads);
    await this.database.close();
    this.#listeners.clear();
  }

  async #probe(): Promise<void> {
    const { kysely, beginWrite } = this.database;
    await withConnection(kysely, async (connection) => {
      await connection.execute(CompiledQuery.raw(beginWrite));
      try {
        // Changes nothing and is written to disk all the same.
        await connection.execute(CompiledQuery.raw('UPDATE migrations SET name = name'));
        await connection.execute(CompiledQuery.raw('COMMIT'));
      } catch (error) {
        await connection.execute(CompiledQuery.raw('ROLLBACK')).catch(() => {});
        throw error;
      }
    });
    this.#fault = undefined;
  }

  async #read<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { kysely, beginRead } = this.database;
    return await withConnection(kysely, async (connection) => {
      const unit = new UnitOfWork(connection, 'read');
      if (beginRead !== undefined) await connection.execute(CompiledQuery.raw(beginRead));
      try {
        const value = await work(this.#openTables(unit));
        unit.end();
        return value;
      } finally {
        if (beginRead !== undefined) {
          await connection.execute(CompiledQuery.raw('ROLLBACK')).catch(() => {});
        }
      }
    });
  }

  #committed(entries: readonly LogEntry[]): void {
    this.#fault = undefined;
    if (entries.length === 0) return;
    for (const listener of [...this.#listeners]) {
      try {
        listener(entries);
      } catch (error) {
        this.logger.error({ err: error }, 'a listener of the store failed');
      }
    }
  }

  #failed(error: unknown): void {
    this.#fault = error;
    this.logger.error({ err: error }, 'the database did not take a transaction; its works are refused');
  }

  #mustBeOpen(): void {
    if (this.#closed === undefined) return;
    this.metrics?.refused('closed', 1);
    throw new StoreError('closed', 'the store is closed');
  }
}
