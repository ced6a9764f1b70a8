import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelay } from './backoff.js';
import { judge } from './verdict.js';

const options = { minMs: 250, baseMs: 500, maxMs: 20_000 };

describe('backoff', () => {
  it.each([0, 1, 3, 40])('is full jitter after the cap at try %i: uniform over the whole range', (tries) => {
    const latest = Math.min(20_000, 500 * 2 ** tries);
    const delays = Array.from({ length: 1_000 }, (_, i) => backoffDelay(tries, i / 1_000, options));
    for (let quarter = 0; quarter < 4; quarter++) {
      const from = 250 + (quarter / 4) * (latest - 250);
      const within = delays.filter((ms) => ms >= from && ms < from + (latest - 250) / 4);
      expect(within).toHaveLength(250);
    }
    // No two of them in the same moment, also not at the floor.
    expect(new Set(delays).size).toBe(1_000);
  });

  it('waits for its floor where that is above the cap', () => {
    expect(backoffDelay(0, 0.7, { minMs: 100, baseMs: 10, maxMs: 50 })).toBe(100);
  });

  it('stays between its floor and its cap at any try, also the thousandth', () => {
    fc.assert(
      fc.property(
        fc.nat(5_000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (tries, random) => {
          const ms = backoffDelay(tries, random, options);
          expect(ms).toBeGreaterThanOrEqual(250);
          expect(ms).toBeLessThanOrEqual(20_000);
        },
      ),
    );
  });
});

describe('the verdict on an end', () => {
  it.each([
    ['4401', { code: 4401, reason: '' }, { kind: 'reauth' }],
    ['HTTP 401', { code: 1006, reason: '', status: 401 }, { kind: 'reauth' }],
    ['HTTP 403', { code: 1006, reason: '', status: 403 }, { kind: 'stop', error: { code: 'ERR_FORBIDDEN' } }],
    [
      'HTTP 503',
      { code: 1006, reason: '', status: 503, retryAfterMs: 3_000 },
      { kind: 'retry', floorMs: 3_000 },
    ],
    ['HTTP 404', { code: 1006, reason: '', status: 404 }, { kind: 'retry', floorMs: 0 }],
    ['4429 in JSON', { code: 4429, reason: '{"retry_after_ms":1500}' }, { kind: 'retry', floorMs: 1_500 }],
    ['4429 in words', { code: 4429, reason: 'retry_after_ms=1500' }, { kind: 'retry', floorMs: 1_500 }],
    ['4412 with advice', { code: 4412, reason: 'reconnect_after_ms: 700' }, { kind: 'retry', floorMs: 700 }],
    [
      'an absurd advice',
      { code: 4429, reason: 'retry_after_ms=99999999999999' },
      { kind: 'retry', floorMs: 600_000 },
    ],
  ])('%s', (_name, end, verdict) => {
    expect(judge(end)).toMatchObject(verdict);
  });
});
