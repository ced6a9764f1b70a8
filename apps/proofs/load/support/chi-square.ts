/** One in a million: a proof that runs every day must not fail by chance. */
const Z = 4.75;

export interface Uniformity {
  readonly count: number;
  readonly bins: number;
  readonly chiSquare: number;
  /** What a uniform sample exceeds once in a million times (Wilson-Hilferty). */
  readonly critical: number;
}

/** How far values are from uniform over [0, 1); values outside count as the nearest bin. */
export function uniformity(values: readonly number[], bins: number): Uniformity {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(value * bins)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const expected = values.length / bins;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = bins - 1;
  const spread = 2 / (9 * freedom);
  const critical = freedom * (1 - spread + Z * Math.sqrt(spread)) ** 3;
  return { count: values.length, bins, chiSquare, critical };
}

export function shown({ count, bins, chiSquare, critical }: Uniformity): string {
  return `chi-square ${chiSquare.toFixed(1)} of at most ${critical.toFixed(1)} (${count} in ${bins} bins)`;
}
