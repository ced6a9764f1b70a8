import type { Clock, TimerHandle } from '@goconnect/protocol';

/** The longest delay a runtime's timer can hold; more fires at once. */
const LONGEST = 2 ** 31 - 1;

interface SplitTimer {
  handle: ReturnType<typeof setTimeout> | undefined;
}

/**
 * The runtime's own time. Functions are looked up at each call, so that a test runner's fake timers, installed
 * later, take effect.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, delayMs) {
    const timer: SplitTimer = { handle: undefined };
    const wait = (left: number): void => {
      timer.handle = setTimeout(
        () => (left > LONGEST ? wait(left - LONGEST) : callback()),
        Math.min(left, LONGEST),
      );
    };
    wait(Math.max(0, delayMs));
    return timer;
  },
  clearTimeout(handle: TimerHandle) {
    clearTimeout((handle as SplitTimer | undefined)?.handle);
  },
};
