import type { Kysely } from 'kysely';
import type { Schema } from './schema.js';

/** A database under the store: the few things that SQLite and PostgreSQL do differently. */
export interface SqlDatabase {
  readonly kysely: Kysely<Schema>;
  /** Starts a transaction that will write. */
  readonly beginWrite: string;
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
  close(): Promise<void>;
}
