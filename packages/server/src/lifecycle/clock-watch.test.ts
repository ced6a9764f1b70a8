import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { neverAhead, watchClock } from './clock-watch.js';

const DAY_MS = 24 * 3_600_000;

let shift: number;
let time: number;
const clock = {
  now: () => 1_000_000_000 + time + shift,
  monotonic: () => time,
  setTimeout: (callback: () => void, delayMs: number) => setTimeout(callback, delayMs),
  clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout),
};
beforeEach(() => {
  vi.useFakeTimers();
  shift = 0;
  time = 0;
});
afterEach(() => vi.useRealTimers());

const pass = (ms: number) => {
  time += ms;
  vi.advanceTimersByTime(ms);
};

it('tells of each jump once, and of no clock that is only a little slow', () => {
  const told: unknown[] = [];
  const stop = watchClock({ clock, logger: { warn: (fields) => told.push(fields) } });
  for (let looks = 0; looks < 100; looks++) {
    shift += 1_000;
    pass(5_000);
  }
  expect(told).toEqual([]);
  shift += DAY_MS;
  pass(60_000);
  expect(told).toEqual([{ by_s: 86_400 }]);
  shift -= DAY_MS;
  pass(60_000);
  expect(told).toEqual([{ by_s: 86_400 }, { by_s: -86_400 }]);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});

it('a clock that jumps ahead is not followed, one that is set back is', () => {
  const { now } = neverAhead(clock);
  const start = now();
  pass(1_000);
  expect(now()).toBe(start + 1_000);
  shift = DAY_MS;
  pass(1_000);
  expect(now()).toBe(start + 2_000);
  shift = -DAY_MS;
  expect(now()).toBe(start + 2_000 - DAY_MS);
  shift = 0;
  expect(now()).toBe(start + 2_000);
});

it('gives whole milliseconds, whatever a monotonic clock says: a database counts in no others', () => {
  const { now } = neverAhead(clock);
  const start = now();
  pass(1_000.8745);
  expect(now()).toBe(start + 1_000);
});
