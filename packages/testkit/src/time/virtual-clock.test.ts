import { afterEach, describe, expect, it, vi } from 'vitest';
import { createVirtualClock } from './virtual-clock.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('virtual clock', () => {
  it('fires timers in the order of their times, and those of one instant in the order they were set', async () => {
    const clock = createVirtualClock();
    const fired: string[] = [];
    clock.setTimeout(() => fired.push('late'), 20);
    clock.setTimeout(() => fired.push('early'), 10);
    clock.setTimeout(() => fired.push('early too'), 10);
    await clock.advance(20);
    expect(fired).toEqual(['early', 'early too', 'late']);
  });

  it('lets promises react between two timers', async () => {
    const clock = createVirtualClock();
    const seen: string[] = [];
    clock.setTimeout(() => {
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => seen.push(`reaction at ${clock.monotonic()}`));
    }, 10);
    clock.setTimeout(() => seen.push('second timer'), 10);
    await clock.advance(10);
    expect(seen).toEqual(['reaction at 10', 'second timer']);
  });

  it('fires a timer that a timer sets within the same advance', async () => {
    const clock = createVirtualClock();
    const times: number[] = [];
    const again = () => {
      times.push(clock.monotonic());
      clock.setTimeout(again, 10);
    };
    clock.setTimeout(again, 10);
    await clock.advance(35);
    expect(times).toEqual([10, 20, 30]);
    expect(clock.monotonic()).toBe(35);
    expect(clock.pending()).toEqual([{ at: 40, inMs: 5 }]);
  });

  it('never fires a cleared timer, also when one of the same instant clears it', async () => {
    const clock = createVirtualClock();
    const fired = vi.fn();
    const handles: unknown[] = [];
    clock.setTimeout(() => clock.clearTimeout(handles[0]), 5);
    handles.push(clock.setTimeout(fired, 5));
    clock.clearTimeout(undefined);
    await clock.advance(10);
    expect(fired).not.toHaveBeenCalled();
  });

  it('keeps order among ten thousand timers', async () => {
    const clock = createVirtualClock();
    const fired: number[] = [];
    for (let index = 0; index < 10_000; index++) {
      const delay = (index * 7_919) % 10_007;
      clock.setTimeout(() => fired.push(delay), delay);
    }
    await clock.advance(10_007);
    expect(fired).toEqual([...fired].sort((one, other) => one - other));
    expect(fired).toHaveLength(10_000);
  });

  it('runs until a predicate holds and stops at that very time', async () => {
    const clock = createVirtualClock();
    let count = 0;
    const tick = () => {
      count++;
      clock.setTimeout(tick, 100);
    };
    clock.setTimeout(tick, 100);
    await clock.runUntil(() => count === 3);
    expect(clock.monotonic()).toBe(300);
  });

  it('runs until a promise settles and hands over its value or its error', async () => {
    const clock = createVirtualClock();
    const later = new Promise<string>((resolve) => void clock.setTimeout(() => resolve('done'), 500));
    await expect(clock.runUntil(later)).resolves.toBe('done');
    const failing = new Promise<string>(
      (_, reject) => void clock.setTimeout(() => reject(new Error('no')), 500),
    );
    await expect(clock.runUntil(failing)).rejects.toThrow('no');
    expect(clock.monotonic()).toBe(1_000);
  });

  it('gives up at its limit and says which timer would be next, and the seed', async () => {
    const clock = createVirtualClock({ seed: 'abc' });
    clock.setTimeout(() => {}, 5_000);
    const waiting = clock.runUntil(() => false, { limitMs: 1_000, what: 'the reconnect' });
    await expect(waiting).rejects.toThrow(
      /the reconnect did not happen within 1000 ms .*seed abc.*next timer fires in 4000 ms/,
    );
  });

  it('runs posted tasks without time passing and without anyone advancing', async () => {
    const clock = createVirtualClock();
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      clock.post(() => {
        seen.push('first');
        queueMicrotask(() => seen.push('its reaction'));
      });
      clock.post(() => {
        seen.push('second');
        resolve();
      });
    });
    expect(seen).toEqual(['first', 'its reaction', 'second']);
    expect(clock.monotonic()).toBe(0);
  });

  it('rejects an advance with what a timer throws, and can go on afterwards', async () => {
    const clock = createVirtualClock();
    clock.setTimeout(() => {
      throw new Error('broken callback');
    }, 10);
    const fired = vi.fn();
    clock.setTimeout(fired, 20);
    await expect(clock.advance(20)).rejects.toThrow('broken callback');
    await clock.advance(20);
    expect(fired).toHaveBeenCalledOnce();
  });
});

describe('wall clock and sleep', () => {
  it('starts where it is told and steps without timers noticing', async () => {
    const clock = createVirtualClock({ wall: '2026-02-03T04:05:06Z' });
    const fired = vi.fn();
    clock.setTimeout(fired, 1_000);
    clock.step(-3_600_000);
    expect(new Date(clock.now()).toISOString()).toBe('2026-02-03T03:05:06.000Z');
    await clock.advance(999);
    expect(fired).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(fired).toHaveBeenCalledOnce();
    expect(clock.monotonic()).toBe(1_000);
  });

  it('skews the wall clock and leaves monotonic time alone', async () => {
    const clock = createVirtualClock({ wall: 0 });
    clock.skew(2);
    await clock.advance(100);
    clock.skew(1);
    await clock.advance(100);
    expect([clock.now(), clock.monotonic()]).toEqual([300, 200]);
  });

  it('makes timers late by the sleep and lets the wall clock jump', async () => {
    const clock = createVirtualClock({ wall: 0 });
    const times: number[] = [];
    clock.setTimeout(() => times.push(clock.now()), 1_000);
    await clock.advance(400);
    await clock.sleep(10_000);
    expect([clock.now(), clock.monotonic(), times]).toEqual([10_400, 400, []]);
    await clock.advance(600);
    expect(times).toEqual([11_000]);
    expect(clock.monotonic()).toBe(1_000);
  });

  it('fires overdue timers at wake-up where the monotonic clock runs on', async () => {
    const clock = createVirtualClock({ wall: 0 });
    const times: number[] = [];
    clock.setTimeout(() => times.push(clock.monotonic()), 1_000);
    await clock.sleep(5_000, 'runs');
    expect(times).toEqual([5_000]);
  });

  it('wakes at the later end of two sleeps that overlap, and puts timers off once', async () => {
    const clock = createVirtualClock();
    const times: number[] = [];
    clock.setTimeout(() => times.push(clock.now() - start), 1_000);
    const start = clock.now();
    await Promise.all([clock.sleep(10_000), clock.sleep(10_000)]);
    expect(clock.pending()).toEqual([{ at: 11_000, inMs: 1_000 }]);
    await clock.advance(1_000);
    expect([times, clock.monotonic()]).toEqual([[11_000], 1_000]);
  });

  it('sleeps on when it is sent to sleep again, for what the second sleep is longer', async () => {
    const clock = createVirtualClock();
    const machine = clock.machine();
    const times: number[] = [];
    machine.setTimeout(() => times.push(clock.monotonic()), 1_000);
    machine.suspend(10_000);
    machine.post(() => times.push(clock.monotonic()));
    await clock.advance(4_000);
    machine.suspend(10_000);
    machine.suspend(1);
    await clock.advance(20_000);
    expect(times).toEqual([14_000, 15_000]);
    expect(machine.monotonic()).toBe(10_000);
  });

  it('puts one machine to sleep while another goes on', async () => {
    const clock = createVirtualClock({ wall: 0 });
    const laptop = clock.machine({ wall: 1_000_000 });
    const seen: string[] = [];
    laptop.setTimeout(() => seen.push('laptop'), 100);
    clock.setTimeout(() => seen.push('server'), 200);
    laptop.suspend(1_000);
    laptop.post(() => seen.push('delivered at wake-up'));
    await clock.advance(300);
    expect(seen).toEqual(['server']);
    await clock.advance(1_000);
    expect(seen).toEqual(['server', 'delivered at wake-up', 'laptop']);
    expect([laptop.now(), laptop.monotonic()]).toEqual([1_001_300, 300]);
  });
});

describe('bad use', () => {
  it('says what to do when a closed clock is advanced', async () => {
    const clock = createVirtualClock();
    clock.setTimeout(() => {}, 70);
    expect(clock.close()).toEqual([{ at: 70, inMs: 70 }]);
    await expect(clock.advance(1)).rejects.toMatchObject({
      code: 'clock_closed',
      remedy: expect.stringContaining('Close it last'),
    });
    await expect(clock.runUntil(() => true)).rejects.toMatchObject({ code: 'clock_closed' });
    clock.setTimeout(() => {}, 5);
    expect(clock.pending()).toEqual([]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses to advance by %s', async (ms) => {
    await expect(createVirtualClock().advance(ms)).rejects.toMatchObject({ code: 'bad_argument' });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses a wall clock that moves or runs by %s',
    (value) => {
      const clock = createVirtualClock();
      expect(() => clock.step(value)).toThrow(/step\(\) of the wall clock is (NaN|Infinity)\. Give a number/);
      expect(() => clock.skew(value)).toThrow(/skew\(\) of the wall clock is (NaN|Infinity)/);
      expect(() => clock.skew(-1)).toThrow(/is -1\. Give a number, 0 or more/);
      expect(() => clock.machine().suspend(value)).toThrow(/suspend\(\) is (NaN|Infinity)/);
      expect(clock.now()).toBe(Date.UTC(2025, 0, 1));
    },
  );

  it('names who sets a timer of no time in itself for ever', async () => {
    const clock = createVirtualClock();
    const endlessLoop = () => void clock.setTimeout(endlessLoop, 0);
    clock.setTimeout(endlessLoop, 5);
    const failure = await clock.advance(10).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'endless_timers',
      what: expect.stringMatching(/^100000 timers fired at 5 ms .*endlessLoop\.$/),
      remedy: expect.stringMatching(/at endlessLoop .*virtual-clock\.test\.ts/),
    });
  });

  it('refuses a wall clock that is no time', () => {
    expect(() => createVirtualClock({ wall: 'yesterday' })).toThrow(/yesterday is no time/);
  });
});

it('works while a test runner fakes its timers', async () => {
  vi.useFakeTimers();
  const clock = createVirtualClock();
  const fired = vi.fn();
  clock.setTimeout(fired, 1_000);
  await clock.advance(1_000);
  expect(fired).toHaveBeenCalledOnce();
});
