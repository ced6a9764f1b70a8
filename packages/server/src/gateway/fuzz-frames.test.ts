import { expect, it } from 'vitest';
import { runSeed } from '../testing/chance.js';
import { effort } from '../testing/effort.js';
import { fuzz } from './testing/fuzz.js';
import { hostileFrame } from './testing/hostile-frames.js';

// Half of the fuzz; the other half is another file, so that two cores share it.
const INPUTS = effort({ test: 6_000, ci: 500_000, prove: 5_000_000 });

it(
  `answers each of ${INPUTS} frames near to real messages once, and nobody else notices (A1.5, A1.6, A2.1)`,
  async () => {
    const seed = runSeed();
    const began = performance.now();
    const report = await fuzz(hostileFrame, INPUTS, seed);
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    console.log(`fuzz, frames near to real messages: ${JSON.stringify(report)}, ${seconds} s, seed ${seed}`);
    // A fuzz that never gets past the codec, or is never refused, tries nothing.
    expect(report.acknowledged).toBeGreaterThan(INPUTS / 20);
    expect(report.refused.ERR_INVALID_MESSAGE).toBeGreaterThan(INPUTS / 20);
  },
  30_000 + INPUTS * 2,
);
