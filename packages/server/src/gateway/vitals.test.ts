import { expect, it } from 'vitest';
import { dueActs, nextLook, pingDelay, type Vitals } from './vitals.js';

const times = { pingPeriodMs: 54_000, pongWaitMs: 60_000, writeWaitMs: 10_000 };
const alive: Vitals = { lastLife: 0, nextPing: 50_000, writingSince: undefined, expires: 900_000 };

it('does nothing before its time and everything at it', () => {
  expect(dueActs(alive, times, 49_999)).toEqual([]);
  expect(dueActs(alive, times, 50_000)).toEqual(['ping']);
  expect(dueActs(alive, times, 59_999)).toEqual(['ping']);
  expect(dueActs(alive, times, 60_000)).toEqual(['dead_peer']);
  expect(dueActs({ ...alive, writingSince: 100 }, times, 10_099)).toEqual([]);
  expect(dueActs({ ...alive, writingSince: 100 }, times, 10_100)).toEqual(['stuck_write']);
  expect(dueActs({ ...alive, expires: 7 }, times, 7)).toEqual(['expired']);
});

it('looks again at the first moment at which something can be due', () => {
  expect(nextLook({ ...alive, writingSince: 3_000 }, times, 5_000)).toBe(13_000);
  expect(nextLook(alive, times, 45_000)).toBe(50_000);
  expect(nextLook({ ...alive, nextPing: 99_000 }, times, 55_000)).toBe(60_000);
  // A write that begins right after this look would be stuck at 15,000 at the earliest.
  expect(nextLook(alive, times, 5_000)).toBe(15_000);
});

it('jitters pings downwards by up to 10 % (A6.4)', () => {
  expect(pingDelay(54_000, 0)).toBe(54_000);
  expect(pingDelay(54_000, 0.999_999)).toBeGreaterThan(48_600);
  expect(pingDelay(54_000, 0.999_999)).toBeLessThan(48_601);
});
