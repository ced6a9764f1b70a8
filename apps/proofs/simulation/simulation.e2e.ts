import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { effort } from '../support/effort.js';
import { BUGS } from './bugs.js';
import { BASE_REGRESSION_SEEDS, NODE_REGRESSION_SEEDS, REGRESSION_SEEDS } from './regression-seeds.js';

const RUN = fileURLToPath(new URL('./run.mjs', import.meta.url));
const SEEDS = effort({ test: 30, ci: 10_000, prove: 100_000 });
/** With a server of the base contract. */
const BASE_SEEDS = effort({ test: 10, ci: 1_000, prove: 10_000 });
/** Run by two processes, to compare. */
const TRACED = effort({ test: 6, ci: 15, prove: 15 });
/** Processes side by side. */
const SHARDS = effort({ test: 1, ci: 2, prove: 2 });
/** Every so many-th planted bug. */
const EVERY = effort({ test: 8, ci: 1, prove: 1 });
const PATIENCE_MS = 7_200_000;

interface Line {
  readonly seed?: number;
  readonly bug?: string;
  readonly faults?: readonly string[];
  readonly ran?: number;
  readonly hashes?: readonly string[];
  /** How evenly the waits of the clients are spread (promise 7); each process judges its own. */
  readonly spread?: readonly string[];
}

async function simulate(...args: string[]): Promise<readonly Line[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [RUN, ...args], { maxBuffer: 1e8 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

const broken = (lines: readonly Line[]) => lines.filter(({ faults }) => faults);

/** Run one alone, with its trace: `node apps/proofs/simulation/run.mjs --from <seed> --trace`. */
describe('histories of real clients and real servers in virtual time', () => {
  it(
    'keep the promises, those which once did not',
    async () => {
      const alone = REGRESSION_SEEDS.flatMap((group) => group.seeds);
      const two = NODE_REGRESSION_SEEDS.flatMap((group) => group.seeds);
      const lines = [
        ...(await simulate('--nodes', '1', '--seeds', alone.join())),
        ...(await simulate('--nodes', '2', '--seeds', two.join())),
      ];
      expect(lines.reduce((sum, { ran = 0 }) => sum + ran, 0)).toBe(alone.length + two.length);
      expect(broken(lines)).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    `keep the promises, seeds 1 to ${SEEDS}`,
    async () => {
      const each = SEEDS / SHARDS;
      const shards = Array.from({ length: SHARDS }, (_, index) =>
        simulate('--from', `${1 + index * each}`, '--count', `${each}`),
      );
      const lines = (await Promise.all(shards)).flat();
      for (const { spread } of lines) if (spread) console.log(['promise 7:', ...spread].join('\n  '));
      expect(lines.reduce((sum, { ran = 0 }) => sum + ran, 0)).toBe(SEEDS);
      expect(broken(lines)).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    `keep what the base contract promises, seeds 1 to ${BASE_SEEDS} and those which once did not`,
    async () => {
      const base = ['--contract', 'base'];
      const seeds = BASE_REGRESSION_SEEDS.flatMap((group) => group.seeds);
      const lines = [
        ...(await simulate(...base, '--seeds', seeds.join())),
        ...(await simulate(...base, '--from', '1', '--count', `${BASE_SEEDS}`)),
      ];
      expect(lines.reduce((sum, { ran = 0 }) => sum + ran, 0)).toBe(seeds.length + BASE_SEEDS);
      expect(broken(lines)).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'follow from their seeds: another process gets the same traces',
    async () => {
      const twice = [1, 2].map(() => simulate('--from', '1', '--count', `${TRACED}`));
      const [one, other] = await Promise.all(twice);
      expect(one?.at(-1)?.hashes).toHaveLength(TRACED);
      expect(new Set(one?.at(-1)?.hashes).size).toBe(TRACED);
      expect(one?.at(-1)?.hashes).toEqual(other?.at(-1)?.hashes);
    },
    PATIENCE_MS,
  );

  it(
    'find planted bugs, each within 300 seeds',
    async () => {
      const planted = BUGS.filter((_, index) => index % EVERY === 0).map(({ name }) => name);
      const found = broken(await simulate('--bug', `1/${EVERY}`)).map(({ bug }) => bug);
      expect(planted.length).toBeGreaterThanOrEqual(EVERY === 1 ? 25 : 5);
      expect(found).toEqual(planted);
    },
    PATIENCE_MS,
  );
});
