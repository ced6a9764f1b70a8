import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelay } from './backoff.js';
import { judge } from './verdict.js';

const options = { minMs: 250, baseMs: 500, maxMs: 20_000 };

describe('backoff', () => {
  it('is full jitter after the cap: uniform over the whole range, for ever', () => {
    const late = Array.from({ length: 1_000 }, (_, i) => backoffDelay(40, i / 1_000, options));
    expect(Math.max(...late)).toBeLessThan(20_000);
    const quarter = late.filter((ms) => ms < 5_000).length;
    expect(quarter).toBe(250);
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
