import type { Clock } from '@goconnect/protocol/validators';

/** The longest delay a platform timer takes; a longer one would fire at once. */
const LONGEST = 2 ** 31 - 1;

/** A handle that outlives the pieces a long delay is cut into. */
interface Piece {
  timer: ReturnType<typeof setTimeout>;
}

/** The platform's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, delayMs) {
    const due = performance.now() + delayMs;
    const arm = () => setTimeout(check, Math.min(LONGEST, Math.max(0, due - performance.now())));
    const check = () => {
      if (performance.now() < due) piece.timer = arm();
      else callback();
    };
    const piece: Piece = { timer: arm() };
    return piece;
  },
  clearTimeout: (handle) => clearTimeout((handle as Piece).timer),
};
