import type { Clock } from '@goconnect/protocol';

/** The longest delay Node keeps; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

interface Timer {
  timeout: NodeJS.Timeout;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, delayMs) => {
    const due = performance.now() + delayMs;
    const timer: Timer = { timeout: wait() };
    return timer;

    function wait(): NodeJS.Timeout {
      // Rounded up: libuv may fire up to a millisecond early.
      const left = Math.max(0, Math.ceil(due - performance.now()));
      return setTimeout(fire, Math.min(left, LONGEST_MS));
    }

    function fire(): void {
      if (performance.now() < due) timer.timeout = wait();
      else callback();
    }
  },
  clearTimeout: (handle) => clearTimeout((handle as Timer | undefined)?.timeout),
};
