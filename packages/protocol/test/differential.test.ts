import { expect, test } from 'vitest';
import { differential } from './support/differential.js';
import { runSeed } from './support/random.js';

const SAMPLES = process.env.GOCONNECT_PROVE === '1' ? 1_000_000 : 100_000;

test(`zod and the generated validators agree on ${SAMPLES} values`, { timeout: 900_000 }, () => {
  const seed = runSeed();
  const { accepted, difference } = differential(seed, SAMPLES);
  expect(difference, `repeat with GOCONNECT_SEED=${seed}`).toBeUndefined();
  // Either verdict must be common, or the samples prove little.
  expect(accepted / SAMPLES).toBeGreaterThan(0.3);
  expect(accepted / SAMPLES).toBeLessThan(0.7);
});
