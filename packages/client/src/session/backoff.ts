export interface BackoffOptions {
  /** Floor, so that no client comes back at once. */
  readonly minMs: number;
  /** Upper end of the first delay; doubles with each failed attempt. */
  readonly baseMs: number;
  /** Where the doubling stops. */
  readonly maxMs: number;
}

/**
 * Full jitter AFTER the cap: `max(min, U(0, min(max, base * 2^tries)))`. Jitter before the cap would make every client wait
 * exactly `max` from some attempt on, and come back as one herd.
 */
export function backoffDelay(
  tries: number,
  random: number,
  { minMs, baseMs, maxMs }: BackoffOptions,
): number {
  return Math.max(minMs, random * Math.min(maxMs, baseMs * 2 ** tries));
}
