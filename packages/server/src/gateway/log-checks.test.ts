import { expect, it } from 'vitest';
import { LogChecks, type Look } from './log-checks.js';
import { PositionCheck } from './position-check.js';
import { StandingCheck, type StandingCheckDeps } from './standing-check.js';
import { TestClock } from './testing/test-clock.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

it('looks every ten seconds, however long a look breathes, and ends one that is under way', async () => {
  const clock = new TestClock();
  const looks: number[] = [];
  let ended = 0;
  const check = {
    async look({ breathe, signal }: Look) {
      looks.push(clock.monotonic());
      for (let count = 0; count < 100 && !signal.aborted; count++) await breathe();
      ended++;
    },
  };
  const checks = new LogChecks([check], { clock, logger: silent });
  await clock.advance(30_500);
  expect([looks, ended]).toEqual([[10_000, 20_000, 30_000], 2]);
  checks.stop();
  await expect.poll(() => ended).toBe(3);
  expect(clock.pending).toBe(0);
});

it('has another look follow one under way, which may have been too early for what is missing now', async () => {
  const clock = new TestClock();
  const looks: number[] = [];
  const check = {
    async look({ breathe }: Look) {
      looks.push(clock.monotonic());
      await breathe();
    },
  };
  const checks = new LogChecks([check], { clock, logger: silent });
  await clock.advance(1_000);
  checks.lookNow();
  await clock.advance(5);
  for (let hint = 0; hint < 3; hint++) checks.lookNow();
  await clock.advance(15_000);
  expect(looks).toEqual([1_000, 1_010, 11_010]);
  checks.stop();
});

/** How much was asked of the store between two breaths. */
async function asked(look: (run: Look, ask: (count: number) => void) => Promise<void>): Promise<number[]> {
  const counts = [0];
  const ask = (count: number) => {
    counts[counts.length - 1] = (counts.at(-1) ?? 0) + count;
  };
  await look({ signal: new AbortController().signal, breathe: async () => void counts.push(0) }, ask);
  return counts;
}

it('asks the store for some of the users at a time', async () => {
  const users = Array.from({ length: 60 }, (_, index) => ({
    id: `u${index}`,
    open: new Set([{ rooms: new Set(), left: new Set() }]),
    rooms: new Set(),
  }));
  const counts = await asked((run, ask) => {
    const roomsOf = async () => {
      ask(1);
      return [];
    };
    const operations = { rooms: { roomsOf }, sessions: { isLive: async () => true } };
    const deps = { users: { all: () => users }, operations } as unknown as StandingCheckDeps;
    return new StandingCheck(deps).look(run);
  });
  expect(counts).toEqual([4, 4, 2]);
});

it('asks the store for some of the rooms at a time', async () => {
  const activeNames = Array.from({ length: 250 }, (_, index) => `network:${index}`);
  const counts = await asked((run, ask) => {
    const positions = async (names: readonly string[]) => {
      ask(names.length);
      return [];
    };
    return new PositionCheck({ rooms: { activeNames, stands() {} }, operations: { positions } }).look(run);
  });
  expect(counts).toEqual([100, 100, 50]);
});
