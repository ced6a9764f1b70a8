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
  const oldest = sent[sent.length - Math.max(1, Math.floor(perMinute * SHARE))];
  const tenth = mode === 'base' ? sent[sent.length - BASE_PER_SECOND] : undefined;
  const minute = oldest === undefined ? 0 : oldest + WINDOW_MS - now;
  const second = tenth === undefined ? 0 : tenth + 1_000 - now;
  return Math.max(0, silentUntil - now, minute, second);
}

export function pace({ sent, silentUntil }: Pace, now: number): Pace {
  return { sent: [...sent.filter((at) => at > now - WINDOW_MS), now], silentUntil };
}
