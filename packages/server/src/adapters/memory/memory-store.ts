import { randomBytes } from 'node:crypto';
import type { LogEntry } from '../../domain/entities.js';
import type { EndOfTurn } from '../../ports/end-of-turn.js';
import type { Store, Transaction } from '../../ports/store.js';
import { StoreError } from '../../ports/store-error.js';
import type { CommitOutcome } from '../../ports/store-metrics.js';
import { Journal } from './journal.js';
import type { MemoryMedium } from './memory-medium.js';
import { MemoryUnit } from './memory-unit.js';
import { logTable } from './tables/log.js';
import { messageTable, operationTable } from './tables/messages.js';
import { memberTable, networkTable } from './tables/networks.js';
import { refreshTokenTable, userTable } from './tables/people.js';

export interface MemoryStoreOptions {
  /** Default: `setImmediate`. */
  readonly endOfTurn?: EndOfTurn;
  /**
   * Makes a transaction durable, as an fsync does. Rejects with an `UnansweredCommit` when nobody is to know what came
   * of it, else when nothing of the transaction took effect. Default: at once.
   */
  readonly sync?: () => Promise<void>;
  /** Default: random. */
  readonly newEpoch?: () => string;
}

/** A commit whose works are told `unknown_outcome`. Until the store has `found` out, nothing else is written. */
export class UnansweredCommit extends Error {
  constructor(
    readonly outcome: CommitOutcome,
    readonly found: Promise<void>,
  ) {
    super('the disk did not answer for a commit');
  }
}

interface Waiting {
  readonly work: (tx: Transaction) => Promise<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

type Settle = () => void;
type Life = 'open' | 'closed' | 'abandoned';
type Listener = (entries: readonly LogEntry[]) => void;

/** A new one each time: whoever waits for a promise that lives for ever lives as long. */
const never = (): Promise<never> => new Promise(() => {});

/**
 * A store whose disk is a value, for proofs: a process may die at any point and another one go on with what was
 * durable. It does what the SQL store does, by the same contract tests, without a database.
 */
export class MemoryStore implements Store {
  readonly #medium: MemoryMedium;
  readonly #options: Required<MemoryStoreOptions>;
  readonly #journal = new Journal();
  readonly #listeners = new Set<Listener>();
  #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;
  /** Ends the transaction under way, if it is one of this store. */
  #endTransaction: (() => void) | undefined;
  /** The work under way: it changes nothing any more once the process is dead. */
  #writing: MemoryUnit | undefined;
  /** What the transaction under way will have said, once its works are done and only the disk is waited for. */
  #unsynced: readonly LogEntry[] | undefined;
  /** A commit whose works were told that nobody knows. */
  #doubt: { readonly found: Promise<void>; readonly entries: readonly LogEntry[] } | undefined;
  #life: Life = 'open';

  constructor(medium: MemoryMedium, options: MemoryStoreOptions = {}) {
    this.#medium = medium;
    this.#options = {
      endOfTurn: setImmediate,
      sync: async () => {},
      newEpoch: () => randomBytes(9).toString('base64url'),
      ...options,
    };
  }

  async write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#mustBeOpen();
    return await new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  async read<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#mustBeOpen();
    while (this.#medium.transaction) await this.#medium.transaction;
    const unit = new MemoryUnit(this.#journal, 'read');
    try {
      return await work(this.#tables(unit));
    } finally {
      unit.end();
      // Nobody is left who could be told.
      if (this.#life === 'abandoned') await never();
    }
  }

  onCommit(listener: Listener): () => void {
    const own: Listener = (entries) => listener(entries);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  async check(): Promise<void> {
    this.#mustBeOpen();
  }

  async close(): Promise<void> {
    if (this.#life === 'open') this.#life = 'closed';
    await this.#draining;
    this.#listeners.clear();
  }

  /**
   * The process dies. Nothing that waits is answered any more, what is not durable is undone; `disk` says whether the
   * transaction that only waited for the disk still got there.
   */
  abandon(disk: 'lost' | 'written' = 'lost'): void {
    this.#life = 'abandoned';
    this.#listeners.clear();
    this.#writing?.end();
    if (disk === 'written' && this.#unsynced) this.#commit(this.#unsynced);
    this.#journal.backTo(0);
    this.#release();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#turnsEnd();
      while (this.#medium.transaction) {
        await this.#medium.transaction;
        // Those who waited to read may do so before the next one changes anything.
        await this.#turnsEnd();
      }
      if (this.#life === 'abandoned') await never();
      this.#medium.transaction = new Promise((resolve) => {
        this.#endTransaction = resolve;
      });
      await this.#commitWaiting();
      this.#release();
      await this.#endDoubt();
    }
    this.#draining = undefined;
  }

  #turnsEnd(): Promise<void> {
    return new Promise((resolve) => this.#options.endOfTurn(resolve));
  }

  #release(): void {
    if (!this.#endTransaction) return;
    this.#medium.transaction = undefined;
    this.#endTransaction();
    this.#endTransaction = undefined;
  }

  /** Everything that waits shares one commit. */
  async #commitWaiting(): Promise<void> {
    const entries: LogEntry[] = [];
    const settled: Settle[] = [];
    const taken = this.#waiting.splice(0);
    for (const waiting of taken) settled.push(await this.#attempt(waiting, entries));
    try {
      this.#unsynced = entries;
      await this.#options.sync();
    } catch (cause) {
      await this.#unlessAbandoned();
      this.#refuse(taken, entries, cause);
      return;
    } finally {
      this.#unsynced = undefined;
    }
    await this.#unlessAbandoned();
    this.#commit(entries);
    this.#tell(entries);
    for (const settle of settled) settle();
  }

  #refuse(taken: readonly Waiting[], entries: readonly LogEntry[], cause: unknown): void {
    const inDoubt = cause instanceof UnansweredCommit ? cause : undefined;
    const error = inDoubt
      ? new StoreError('unknown_outcome', 'nobody knows whether the transaction took effect', { cause })
      : new StoreError('failed', 'the transaction was lost, nothing of it took effect', { cause });
    if (inDoubt?.outcome === 'committed') this.#commit(entries);
    else this.#journal.backTo(0);
    if (inDoubt)
      this.#doubt = { found: inDoubt.found, entries: inDoubt.outcome === 'committed' ? entries : [] };
    for (const { reject } of taken) reject(error);
  }

  /** Those who listen hear of what took effect after all before anything else is written. */
  async #endDoubt(): Promise<void> {
    if (!this.#doubt) return;
    const { found, entries } = this.#doubt;
    await found;
    await this.#unlessAbandoned();
    this.#doubt = undefined;
    this.#tell(entries);
  }

  /** Runs one work; when it throws it is undone alone. @returns how to tell it, once the transaction is durable */
  async #attempt({ work, resolve, reject }: Waiting, entries: LogEntry[]): Promise<Settle> {
    await this.#unlessAbandoned();
    const { mark } = this.#journal;
    const unit = new MemoryUnit(this.#journal, 'write');
    this.#writing = unit;
    try {
      const value = await work(this.#tables(unit));
      await this.#unlessAbandoned();
      for (const entry of unit.entries) entries.push(entry);
      return () => resolve(value as never);
    } catch (error) {
      await this.#unlessAbandoned();
      this.#journal.backTo(mark);
      return () => reject(error);
    } finally {
      unit.end();
    }
  }

  #commit(entries: readonly LogEntry[]): void {
    this.#journal.forget();
    this.#medium.recorded(entries);
  }

  #tell(entries: readonly LogEntry[]): void {
    if (entries.length === 0) return;
    for (const listener of [...this.#listeners]) {
      try {
        listener(entries);
      } catch {
        // One listener's fault is no other's, and not the store's.
      }
    }
  }

  #tables(unit: MemoryUnit): Transaction {
    const medium = this.#medium;
    return {
      users: userTable(medium, unit),
      networks: networkTable(medium, unit),
      members: memberTable(medium, unit),
      messages: messageTable(medium, unit),
      log: logTable(medium, unit, this.#options.newEpoch),
      operations: operationTable(medium, unit),
      refreshTokens: refreshTokenTable(medium, unit),
    };
  }

  async #unlessAbandoned(): Promise<void> {
    if (this.#life === 'abandoned') await never();
  }

  #mustBeOpen(): void {
    if (this.#life === 'closed') throw new StoreError('closed', 'the store is closed');
  }
}
