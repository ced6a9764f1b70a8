import type { StoreErrorReason, StoreFault } from './store-error.js';

/** What the store counts. An implementation MUST be cheap and MUST NOT throw. */
export interface StoreMetrics {
  /** A transaction is durable. `works` shared it, `waiting` are still queued behind it. */
  committed(commit: { readonly works: number; readonly waiting: number; readonly seconds: number }): void;
  /** Works that were turned away, or lost with their transaction. */
  refused(reason: StoreErrorReason, works: number): void;
  /** What is wrong with the database from now on; undefined when it works again. */
  fault(fault: StoreFault | undefined): void;
}
