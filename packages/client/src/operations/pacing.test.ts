import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pace, pause, RESTED } from './pacing.js';

describe('the pace', () => {
  it('lets no window of 60 s have more than nine tenths of the limit, however the calls come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.nat(3_000), { maxLength: 150 }),
        (limit, waits) => {
          let now = 0;
          let state = RESTED;
          const sent: number[] = [];
          for (const wait of waits) {
            now += wait;
            if (pause(state, now, limit, 'v1') > 0) continue;
            state = pace(state, now);
            sent.push(now);
          }
          for (const at of sent) {
            const inWindow = sent.filter((other) => other >= at && other < at + 60_000).length;
            expect(inWindow).toBeLessThanOrEqual(Math.max(1, Math.floor(limit * 0.9)));
          }
        },
      ),
    );
  });

  it('says exactly when the next one may go', () => {
    let state = RESTED;
    for (let i = 0; i < 90; i++) state = pace(state, i);
    expect(pause(state, 100, 100, 'v1')).toBe(59_900);
    expect(pause(state, 60_000, 100, 'v1')).toBe(0);
  });

  it('keeps still as long as it was told to', () => {
    expect(pause({ sent: [], silentUntil: 5_000 }, 1_000, 100, 'v1')).toBe(4_000);
  });

  it('remembers one minute, no more', () => {
    let state = RESTED;
    for (let i = 0; i < 1_000; i++) state = pace(state, i * 1_000);
    expect(state.sent.length).toBeLessThanOrEqual(60);
  });
});
