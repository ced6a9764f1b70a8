/** Handle of a timer; opaque to everyone but the clock that made it. */
export type TimerHandle = unknown;

/**
 * Where time comes from. Client, server and testkit take one, so that a whole system runs on virtual time.
 *
 * An implementation MUST fire a timer once, never before its time by `monotonic()`, and never after `clearTimeout`.
 * It MUST NOT call back synchronously from `setTimeout`.
 */
export interface Clock {
  /**
   * Wall clock, whole milliseconds since the epoch, as databases keep them. It may jump. For times that people see, and
   * for spans that outlive a restart: tokens, the edit window, retention, records of operations.
   */
  now(): number;
  /** Milliseconds since an arbitrary start, also fractions; never goes back. Durations within one life of a process are measured with it. */
  monotonic(): number;
  /** Calls back once after `delayMs`. A delay may exceed 2^31-1; the implementation splits it. */
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
}

/** A uniform number in [0, 1). */
export type Random = () => number;
