export interface HeartbeatOptions {
  /** A connection that was silent for so long is asked for a sign of life. */
  readonly idleMs: number;
  /** How long the answer may take. */
  readonly timeoutMs: number;
  /** The same after a wake-up, when a person is waiting. */
  readonly probeMs: number;
}

/** Milliseconds of silence still to be granted before asking for a sign of life; 0: ask now. */
export function silenceLeft(now: number, heardAt: number, { idleMs }: HeartbeatOptions): number {
  return Math.max(0, heardAt + idleMs - now);
}
