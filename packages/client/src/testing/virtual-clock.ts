import type { Clock } from '@goconnect/protocol/validators';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that passes only when told to. */
export interface VirtualClock extends Clock {
  /** Runs everything that becomes due, in order, with all that follows from it in between. */
  advance(ms: number): Promise<void>;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
  /** The device sleeps: time passes, nothing runs; what became due runs late. */
  sleep(ms: number): Promise<void>;
  /** The same where the monotonic clock sleeps with it, and so do the timers: only people's time passes. */
  doze(ms: number): void;
  readonly pending: number;
}

export function createVirtualClock(): VirtualClock {
  const epoch = 1_700_000_000_000;
  const timers = new Map<number, Timer>();
  let time = 0;
  let dozed = 0;
  let made = 0;

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const runUntil = async (end: number): Promise<void> => {
    await settle();
    for (;;) {
      const [next] = [...timers].sort(([idA, a], [idB, b]) => a.at - b.at || idA - idB);
      if (!next || next[1].at > end) break;
      timers.delete(next[0]);
      time = Math.max(time, next[1].at);
      next[1].callback();
      await settle();
    }
    time = end;
  };
  return {
    now: () => epoch + time + dozed,
    monotonic: () => time,
    setTimeout(callback, delayMs) {
      timers.set(++made, { at: time + delayMs, callback });
      return made;
    },
    clearTimeout: (handle) => void timers.delete(handle as number),
    advance: (ms) => runUntil(time + ms),
    settle,
    async sleep(ms) {
      time += ms;
      await runUntil(time);
    },
    doze(ms) {
      dozed += ms;
    },
    get pending() {
      return timers.size;
    },
  };
}
