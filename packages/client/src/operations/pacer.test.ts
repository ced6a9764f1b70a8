import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../testing/virtual-clock.js';
import { Pacer } from './pacer.js';

describe('the pacer', () => {
  it('pumps once, after what was asked for last, whatever was planned before', async () => {
    const clock = createVirtualClock();
    const pumped: number[] = [];
    const told: unknown[] = [];
    const pacer = new Pacer(
      clock,
      () => pumped.push(clock.monotonic()),
      (pressure) => told.push(pressure),
    );
    pacer.pumpIn(50, 'pacing');
    pacer.pumpIn(1_000, 'rate_limit');
    expect(clock.pending).toBe(1);
    await clock.advance(5_000);
    expect(pumped).toEqual([1_000]);
    expect(told).toEqual([
      { reason: 'pacing', waitMs: 50 },
      { reason: 'rate_limit', waitMs: 1_000 },
    ]);
  });

  it('pumps no more once it has ended', async () => {
    const clock = createVirtualClock();
    let pumped = 0;
    const pacer = new Pacer(
      clock,
      () => pumped++,
      () => {},
    );
    pacer.pumpIn(50, 'pacing');
    pacer.end();
    await clock.advance(5_000);
    expect([pumped, clock.pending]).toEqual([0, 0]);
  });
});
