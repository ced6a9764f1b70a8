import type { StoreErrorReason, StoreFault } from './store-error.js';

/** What came of a transaction. */
export type CommitOutcome = 'committed' | 'lost';

/** What the store counts. An implementation MUST be cheap and MUST NOT throw. */
export interface StoreMetrics {
  /** A transaction is durable. `works` shared it, `waiting` are still queued behind it. */
  committed(commit: { readonly works: number; readonly waiting: number; readonly seconds: number }): void;
  /** Works that were turned away, or lost with their transaction, or of which nobody knows. */
  refused(reason: StoreErrorReason, works: number): void;
  /** The database did not answer for a commit; this is what the store found out (`unknown`: not in time). */
  doubted(outcome: CommitOutcome | 'unknown'): void;
  /** What is wrong with the database from now on; undefined when it works again. */
  fault(fault: StoreFault | undefined): void;
}
