import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from './system-clock.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('follows the fake timers of a test runner', async () => {
  const fired = vi.fn();
  const start = systemClock.monotonic();
  systemClock.setTimeout(fired, 1_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(fired).toHaveBeenCalledOnce();
  expect(systemClock.monotonic() - start).toBe(1_000);
});

it('waits longer than a runtime timer can hold', async () => {
  const month = 31 * 86_400_000;
  const fired = vi.fn();
  systemClock.setTimeout(fired, month);
  await vi.advanceTimersByTimeAsync(month - 1);
  expect(fired).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(fired).toHaveBeenCalledOnce();
});

it('clears a long timer in its second part', async () => {
  const fired = vi.fn();
  const handle = systemClock.setTimeout(fired, 2 ** 31);
  await vi.advanceTimersByTimeAsync(2 ** 31 - 1);
  systemClock.clearTimeout(handle);
  await vi.advanceTimersByTimeAsync(10);
  expect(fired).not.toHaveBeenCalled();
});
