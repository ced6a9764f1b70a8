import type { Transaction } from '../ports/store.js';
import type { Dependencies } from './dependencies.js';
import { LOST_ACK_MS } from './sessions/refresh.js';

/** Times in milliseconds. */
export interface Retention {
  /** How long a committed operation is remembered; at least 24 h (B4.1). */
  readonly operationsMs: number;
  /** How long a room's log is kept (`EVENT_RETENTION`); who was away for longer is told of a gap (B3.4). */
  readonly eventsMs: number;
}

/** Rows that went. */
export interface Trimmed {
  readonly operations: number;
  readonly events: number;
  readonly refreshTokens: number;
  readonly invites: number;
}

/** B4.1 promises a day. */
const LEAST_OPERATIONS_MS = 24 * 3600 * 1000;
/** Rows of one step: some ten milliseconds of the database, then others have their turn. */
const STEP = 500;

/**
 * Removes what nobody needs any more, in small steps that others get between. Spent refresh tokens stay until they
 * expire, for only so is their second use noticed (A5.3). Whoever calls it owns the timer; an aborted `signal` ends it
 * after the step under way.
 */
export async function maintain(
  { store, clock }: Pick<Dependencies, 'store' | 'clock'>,
  retention: Retention,
  signal?: AbortSignal,
): Promise<Trimmed> {
  async function inSteps(step: (tx: Transaction) => Promise<number>) {
    for (let total = 0; ; ) {
      if (signal?.aborted) return total;
      const removed = await store.write(step);
      total += removed;
      if (removed < STEP) return total;
    }
  }

  const now = clock.now();
  const operationsEnd = now - Math.max(retention.operationsMs, LEAST_OPERATIONS_MS);
  const eventsEnd = now - retention.eventsMs;
  await inSteps((tx) => tx.refreshTokens.forgetSuccessors(now - LOST_ACK_MS, STEP));
  return {
    operations: await inSteps((tx) => tx.operations.trim(operationsEnd, STEP)),
    events: await inSteps((tx) => tx.log.trim(eventsEnd, STEP)),
    refreshTokens: await inSteps((tx) => tx.refreshTokens.trim(now, STEP)),
    invites: await inSteps((tx) => tx.members.invites.trim(now, STEP)),
  };
}
