import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Store, Transaction } from '../ports/store.js';
import { startMaintenance } from './maintenance.js';

const DAY_MS = 24 * 3_600_000;
const START = Date.UTC(2026, 0, 1);
const silent = { debug() {}, info() {}, warn() {}, error() {} };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('B4.1: removes nothing by a clock that has jumped ahead', async () => {
  let time = 0;
  let shift = 0;
  const clock = {
    now: () => START + time + shift,
    monotonic: () => time,
    setTimeout: (callback: () => void, delayMs: number) => setTimeout(callback, delayMs),
    clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout),
  };
  /** Until when committed operations were removed, in each round. */
  const ends: number[] = [];
  const trim = async () => 0;
  const tx = {
    operations: { trim: async (before: number) => ends.push(before) * 0 },
    refreshTokens: { forgetSuccessors: trim, trim },
    log: { trim },
    members: { invites: { trim } },
  } as unknown as Transaction;
  const store = { write: (work) => work(tx) } as Pick<Store, 'write'> as Store;
  const stop = startMaintenance({ store, clock, logger: silent, eventRetentionMs: DAY_MS });
  await vi.advanceTimersByTimeAsync(0);
  time = 600_000;
  shift = DAY_MS;
  await vi.advanceTimersByTimeAsync(600_000);
  await stop();
  const kept = 25 * 3_600_000;
  expect(ends).toEqual([START - kept, START + 600_000 - kept]);
  expect(vi.getTimerCount()).toBe(0);
});
