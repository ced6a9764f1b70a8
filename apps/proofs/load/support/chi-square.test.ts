import { expect, it } from 'vitest';
import { uniformity } from './chi-square.js';

const even = Array.from({ length: 2_000 }, (_, index) => (index * 0.618_033_988_75) % 1);

it('takes what is uniform, and nothing that is not', () => {
  const flat = uniformity(even, 20);
  expect(flat.chiSquare).toBeLessThan(flat.critical);
  // Half of them at once: jitter below a floor.
  const atom = uniformity(
    even.map((value) => Math.max(0, 2 * value - 1)),
    20,
  );
  expect(atom.chiSquare).toBeGreaterThan(atom.critical);
  const slope = uniformity(
    even.map((value) => value ** 1.3),
    20,
  );
  expect(slope.chiSquare).toBeGreaterThan(slope.critical);
});

it('knows the quantile of the tables', () => {
  // 19 degrees of freedom, one in a million.
  expect(uniformity(even, 20).critical).toBeCloseTo(64.4, 0);
});
