import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchStore } from './store-watch.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const clock = {
  now: () => Date.now(),
  monotonic: () => Date.now(),
  setTimeout: (callback: () => void, delayMs: number) => setTimeout(callback, delayMs),
  clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout),
};

it('looks every 5 s while the store is well and every second while it is not, one look at a time', async () => {
  let looks = 0;
  let well = true;
  const check = async () => {
    looks++;
    if (!well) throw new Error('ill');
  };
  const stop = watchStore({ store: { check }, clock });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(looks).toBe(2);
  well = false;
  await vi.advanceTimersByTimeAsync(5_000);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(looks).toBe(7);
  well = true;
  await vi.advanceTimersByTimeAsync(6_000);
  expect(looks).toBe(9);
  await stop();
  expect(vi.getTimerCount()).toBe(0);
});

it('waits for the look under way when it is stopped, and does not look again', async () => {
  let answer = () => {};
  const check = () =>
    new Promise<void>((resolve) => {
      answer = resolve;
    });
  const stop = watchStore({ store: { check }, clock });
  await vi.advanceTimersByTimeAsync(5_000);
  let stopped = false;
  const stopping = stop().then(() => {
    stopped = true;
  });
  await vi.advanceTimersByTimeAsync(1);
  expect(stopped).toBe(false);
  answer();
  await stopping;
  expect(vi.getTimerCount()).toBe(0);
});
