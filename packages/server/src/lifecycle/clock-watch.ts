import type { Clock } from '@goconnect/protocol';
import type { Logger } from '../ports/logger.js';

const EVERY_MS = 5_000;
/** NTP corrects by less than this without a jump; tokens and people notice more. */
const JUMP_MS = 60_000;

/**
 * Says when the wall clock jumps, once for each jump: tokens and edit windows are judged by it, and nobody would look
 * for the cause there. Returns how to stop.
 */
export function watchClock({
  clock,
  logger,
}: {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}): () => void {
  const lead = () => clock.now() - clock.monotonic();
  let known = lead();
  let timer = clock.setTimeout(look, EVERY_MS);

  function look(): void {
    const found = lead();
    const byS = Math.round((found - known) / 1_000);
    // What is small adds up to nothing: it is a clock that is a little slow.
    known = found;
    if (Math.abs(byS) * 1_000 >= JUMP_MS) {
      const text =
        'the clock of this machine jumped (or it slept): tokens are judged by it, set it right (NTP); nothing is removed by the new time until the server is started again';
      logger.warn({ by_s: byS }, text);
    }
    timer = clock.setTimeout(look, EVERY_MS);
  }

  return () => clock.clearTimeout(timer);
}

/**
 * A wall clock that never runs ahead: what is removed by a clock that is a day fast is gone when it is set right, and
 * with it the memory of what was done already (B4.1).
 */
export function neverAhead({ now, monotonic }: Clock): { readonly now: () => number } {
  const startedAt = now() - monotonic();
  return { now: () => Math.min(now(), Math.floor(startedAt + monotonic())) };
}
