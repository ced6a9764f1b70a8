/** Below the limit, because a message that we space by 60 s may arrive spaced by 59.9. */
const SHARE = 0.9;
const WINDOW_MS = 60_000;
/** The original server takes 10 messages a second and says so nowhere. */
const BASE_PER_SECOND = 10;

/** What was sent lately, and until when the server wants silence. Pure values; times are monotonic ms. */
export interface Pace {
  /** Times of the messages of the last minute, ascending. */
  readonly sent: readonly number[];
  readonly silentUntil: number;
}

export const RESTED: Pace = { sent: [], silentUntil: 0 };

/** How long to wait before the next message: no window of 60 s gets more than nine tenths of the limit (A6.2). */
export function pause(
  { sent, silentUntil }: Pace,
  now: number,
  perMinute: number,
  mode: 'base' | 'v1',
): number {
  /** How long until there were fewer than `most` in `ms`. */
  const until = (most: number, ms: number): number => {
    const at = sent[sent.length - most];
    return at === undefined ? 0 : at + ms - now;
  };
  const minute = until(Math.max(1, Math.floor(perMinute * SHARE)), WINDOW_MS);
  const second = mode === 'base' ? until(BASE_PER_SECOND, 1_000) : 0;
  return Math.max(0, silentUntil - now, minute, second);
}

export function pace({ sent, silentUntil }: Pace, now: number): Pace {
  return { sent: [...sent.filter((at) => at > now - WINDOW_MS), now], silentUntil };
}
