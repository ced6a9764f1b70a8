export interface BackoffOptions {
  /** Floor, so that no client comes back at once. */
  readonly minMs: number;
  /** Upper end of the first delay; doubles with each failed attempt. */
  readonly baseMs: number;
  /** Where the doubling stops. */
  readonly maxMs: number;
}

/**
 * Full jitter AFTER the cap, over the whole range: `U(min, max(min, min(max, base * 2^tries)))`. Jitter before the cap would make every
 * client wait exactly `max` from some attempt on; a floor laid over the draw would gather all that fell below it (half of the
 * first dials) in one moment. Either is a herd.
 */
export function backoffDelay(
  tries: number,
  random: number,
  { minMs, baseMs, maxMs }: BackoffOptions,
): number {
  const latestMs = Math.max(minMs, Math.min(maxMs, baseMs * 2 ** tries));
  return minMs + random * (latestMs - minMs);
}
