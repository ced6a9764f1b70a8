import type { Clock } from '@goconnect/protocol';
import type { Kysely } from 'kysely';
import type { StoreFault } from '../../ports/store-error.js';
import type { CommitOutcome } from '../../ports/store-metrics.js';
import type { Schema } from './schema.js';

/** Who has a database: `one` server by itself, or `several` that a bus joins. */
export type Servers = 'one' | 'several';

/** What a database tells the store over it. */
export interface StoreHost {
  /** Another server has taken the database, which a transaction that is refused so (`taken_over`) finds out as well. */
  takenOver(cause: unknown): void;
  /** The database was away, and what it may have lost shows at a look. */
  look(): void;
}

/** A database under the store: the few things that SQLite and PostgreSQL do differently. */
export interface SqlDatabase {
  readonly kysely: Kysely<Schema>;
  /** Starts a transaction that will write. */
  readonly beginWrite: string;
  /** The same for one that `outcomeOf` may be asked about; no two have the same mark. Default: `beginWrite`. */
  beginMarked?(mark: number): string;
  /**
   * Takes new pages, in a transaction that is rolled back: what a full disk refuses although it still takes a row anew. Undefined where it
   * refuses that as well.
   */
  readonly growth?: string;
  /** Told of each mark whose transaction took effect. */
  committed?(mark: number): void;
  /** True for the refusal of a transaction as it begins: the database may have gone back behind what was confirmed. */
  maySetBack?(error: unknown): boolean;
  /**
   * Looks whether it did, and has every room begin a new epoch if so; then transactions begin again. Says whether what was
   * `committed` here is lost.
   */
  settle?(): Promise<'as_it_was' | 'lost'>;
  /** True when a COMMIT that failed so may have taken effect all the same. */
  mayHaveCommitted(error: unknown): boolean;
  /** What came of the last transaction, once that cannot change any more. Rejects while nobody knows. */
  outcomeOf(mark: number): Promise<CommitOutcome>;
  /** Starts a transaction in which all reads see one moment; undefined where holding the connection is enough. */
  readonly beginRead?: string;
  /** Holds other nodes back until the migration is committed; undefined where `beginWrite` does. */
  readonly migrationLock?: string;
  /** True when other nodes may write at the same time, so that rooms must be locked. */
  readonly shared: boolean;
  /** True for a fault that running the work again cures: another node was faster. */
  isConflict(error: unknown): boolean;
  /** True when a work must be tried as the first of its transaction: another node holds the room it needs. */
  wouldWait(error: unknown): boolean;
  /** What an error of the driver says about the database; undefined when it is about the statement. */
  faultOf(error: unknown): StoreFault | undefined;
  /** A second look at a fault: it may touch the disk, so not for each error. */
  closerFault(fault: StoreFault): StoreFault;
  /** False when what was opened is not what the next start would open; undefined where nobody can take it away. */
  isInPlace?(): boolean;
  /** One line for an operator instead of an error of the driver, where there is something to be done. */
  startError(error: unknown): unknown;
  /**
   * Keeps out until it is closed whom it cannot be shared with, or rejects with a `StartError`; undefined where opening it keeps
   * everybody out. Warns of those it is shared with who name another `bus`.
   */
  hold?(
    servers: Servers,
    clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>,
    bus: string | undefined,
  ): Promise<void>;
  /**
   * Keeps the servers before from writing ever again, where one may live on and not know that it lost the lock. For a server that
   * holds it, once the tables are up to date. Resolves with the name of its fleet, if it is one of `several`.
   */
  takeOver?(servers: Servers, clock: Pick<Clock, 'now' | 'setTimeout'>): Promise<string | undefined>;
  /** Told once the tables are up to date: from here on nobody may wait while others are to be served. */
  serve?(store: StoreHost): void;
  close(): Promise<void>;
}
