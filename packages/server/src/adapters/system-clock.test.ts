import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './system-clock.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('the system clock', () => {
  it('never fires before its time by its own reading', async () => {
    for (const delay of [0, 1, 3, 7.4]) {
      const start = systemClock.monotonic();
      await new Promise<void>((resolve) => systemClock.setTimeout(resolve, delay));
      expect(systemClock.monotonic() - start).toBeGreaterThanOrEqual(delay);
    }
  });

  it('keeps delays longer than 2^31-1 ms, which Node would fire at once', () => {
    vi.useFakeTimers();
    const fired = vi.fn();
    systemClock.setTimeout(fired, 2 ** 31 + 5_000);
    vi.advanceTimersByTime(2 ** 31 + 4_999);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledTimes(1);
  });

  it('fires nothing that was cleared, also in the second part of a long delay', () => {
    vi.useFakeTimers();
    const fired = vi.fn();
    const handle = systemClock.setTimeout(fired, 2 ** 32);
    vi.advanceTimersByTime(2 ** 31 + 10);
    systemClock.clearTimeout(handle);
    vi.advanceTimersByTime(2 ** 33);
    expect(fired).not.toHaveBeenCalled();
    systemClock.clearTimeout(undefined);
  });
});
