/**
 * Measures each candidate once in each round, A B C A B C …, so that whatever else the machine does meets all alike.
 * @template F
 * @param {{ rounds: number, candidates: readonly string[] }} options
 * @param {(name: string) => Promise<F>} measureOnce
 * @returns {Promise<Record<string, F[]>>} by candidate, for each round
 */
export async function inRounds({ rounds, candidates }, measureOnce) {
  /** @type {Record<string, F[]>} */
  const figures = {};
  for (let round = 1; round <= rounds; round++) {
    for (const name of candidates) {
      if (process.stderr.isTTY) console.error(`round ${round} of ${rounds}: ${name} …`);
      const before = figures[name] ?? [];
      figures[name] = [...before, await measureOnce(name)];
    }
  }
  return figures;
}

/**
 * One figure of one candidate to that of the base, round by round: a slow moment meets both sides of a ratio.
 * @param {readonly number[]} mine @param {readonly number[]} base
 */
export const ratios = (mine, base) => mine.map((figure, round) => figure / (base[round] ?? Number.NaN));
