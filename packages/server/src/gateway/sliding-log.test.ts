import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SlidingLog } from './sliding-log.js';

it('never admits more than the limit in any window, wherever it starts (A6.2)', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.nat(400), { maxLength: 200 }), (limit, gaps) => {
      const log = new SlidingLog({ limit, windowMs: 1_000 });
      const admitted: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap / 3;
        if (log.waitMs(now) > 0) continue;
        log.admit(now);
        admitted.push(now);
      }
      for (const [index, time] of admitted.entries()) {
        const later = admitted[index + limit];
        if (later !== undefined) expect(later - time).toBeGreaterThanOrEqual(1_000);
      }
    }),
  );
});

it('says exactly how long to wait: then it admits, a moment before it does not (A2.4)', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { minLength: 5, maxLength: 60 }), (gaps) => {
      const log = new SlidingLog({ limit: 5, windowMs: 1_000 });
      let now = 0.25;
      for (const gap of gaps) {
        now += gap;
        const wait = log.waitMs(now);
        expect(Number.isInteger(wait)).toBe(true);
        if (wait === 0) log.admit(now);
        else {
          expect(log.waitMs(now + wait - 1.01)).toBeGreaterThan(0);
          now += wait;
          expect(log.waitMs(now)).toBe(0);
        }
      }
    }),
  );
});

it('takes back one that was admitted, and only that one', () => {
  const log = new SlidingLog({ limit: 3, windowMs: 100 });
  for (const time of [1, 2, 3]) log.admit(time);
  log.giveBack(2);
  expect(log.waitMs(50)).toBe(0);
  log.admit(50);
  expect(log.waitMs(60)).toBe(41);
  log.giveBack(999);
  expect(log.waitMs(60)).toBe(41);
  expect(log.idle(102)).toBe(false);
  expect(log.idle(150)).toBe(true);
});
