import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { effort } from '../support/effort.js';
import { OPEN_FAULTS } from './open-faults.js';

const RUN = fileURLToPath(new URL('./run.mjs', import.meta.url));
const SEEDS = effort({ test: 60, ci: 100, prove: 100 });
const PATIENCE_MS = 1_800_000;

interface Line {
  readonly seed?: number;
  readonly faults?: readonly string[];
  readonly ran?: number;
  readonly hashes?: readonly string[];
}

async function simulate(...args: string[]): Promise<readonly Line[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [RUN, ...args], { maxBuffer: 1e8 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

const isOpen = (fault: string) => OPEN_FAULTS.some(({ pattern }) => pattern.test(fault));

/** Run one alone, with its trace: `node apps/proofs/simulation/run.mjs --from <seed> --trace`. */
describe('histories of real clients and a real server in virtual time', () => {
  it(
    `keep the promises, seeds 1 to ${SEEDS}`,
    async () => {
      const lines = await simulate('--from', '1', '--count', `${SEEDS}`);
      expect(lines.at(-1)?.ran).toBe(SEEDS);
      const broken = lines.filter(({ faults }) => faults?.some((fault) => !isOpen(fault)));
      expect(broken).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'follow from their seeds: another process gets the same traces',
    async () => {
      const [one, other] = await Promise.all([1, 2].map(() => simulate('--from', '1', '--count', '15')));
      expect(one?.at(-1)?.hashes).toHaveLength(15);
      expect(new Set(one?.at(-1)?.hashes).size).toBe(15);
      expect(one?.at(-1)?.hashes).toEqual(other?.at(-1)?.hashes);
    },
    PATIENCE_MS,
  );

  it.each([
    ['ack before commit', /promise 1/],
    ['op_id not remembered', /promise 2/],
    ['an entry is dropped and its hole hidden', /promise 3/],
  ])(
    'find a planted bug within 60 seeds: %s',
    async (name, promise) => {
      const [found] = await simulate('--from', '1', '--count', '60', '--bug', name);
      expect(found?.faults?.[0]).toMatch(promise);
    },
    PATIENCE_MS,
  );
});
