import { describe, expect, it } from 'vitest';
import { effort } from '../support/effort.js';
import { SHIPPED } from './parts.js';
import { PLANTED_BUGS } from './planted-bugs.js';
import { walk } from './walk.js';
import type { Scope } from './world.js';

const SMALL: Scope = {
  operations: [1],
  drops: 1,
  crashes: 0,
  moves: 0,
  bus: 'in_order',
  presence: 'left_out',
  opening: 'at_once',
};

/** From the quickest on; each run walks as many as its effort allows. */
const SCOPES: readonly Scope[] = [
  { ...SMALL, crashes: 1, presence: 'walked', opening: 'in_two_steps' },
  { ...SMALL, operations: [1, 0], presence: 'walked' },
  { ...SMALL, operations: [2], moves: 1 },
  { ...SMALL, operations: [2], drops: 2, crashes: 1, bus: 'any_order' },
  { ...SMALL, operations: [1, 1], crashes: 1 },
  { ...SMALL, operations: [2, 0], crashes: 1 },
  { ...SMALL, operations: [1, 1], drops: 2 },
  // Two clients, two operations, two drops, one crash: from both, or from one while the other listens.
  { ...SMALL, operations: [1, 1], drops: 2, crashes: 1 },
  { ...SMALL, operations: [2, 0], drops: 2, crashes: 1 },
];
const WALKED = SCOPES.slice(0, effort({ test: 2, ci: 7, prove: SCOPES.length }));
/** The least number of states that a walk of this effort must visit. */
const LEAST = effort({ test: 5_000, ci: 1_000_000, prove: 1_000_000 });

describe('the pure functions that ship, in every order in which things can happen', () => {
  it('keep the promises, and everything can always still end well', async () => {
    let states = 0;
    for (const scope of WALKED) {
      const startedAt = process.cpuUsage().user;
      const found = await walk(SHIPPED, scope);
      const seconds = (process.cpuUsage().user - startedAt) / 1e6;
      console.log(
        `model check ${JSON.stringify(scope)}: ${found.states} states, ${found.transitions} transitions, ${found.depth} deep, ${seconds.toFixed(1)} s of CPU`,
      );
      expect(found.broken && tell(found.broken)).toBeUndefined();
      states += found.states;
    }
    expect(states).toBeGreaterThanOrEqual(LEAST);
  }, 7_200_000);

  const sought = effort({
    test: PLANTED_BUGS.length - 3,
    ci: PLANTED_BUGS.length,
    prove: PLANTED_BUGS.length,
  });
  it.each(PLANTED_BUGS.slice(0, sought))(
    'show when $what',
    async ({ what, parts, scope, breaks }) => {
      const found = await walk(parts, { ...SMALL, ...scope });
      expect(found.broken?.promise ?? 'not found').toMatch(breaks);
      console.log(`Planted: ${what}.\n${found.broken && tell(found.broken)}`);
    },
    60_000,
  );

  it('are walked the same way each time', async () => {
    const [one, other] = [await walk(SHIPPED, SMALL), await walk(SHIPPED, SMALL)];
    expect(one).toEqual(other);
  });
});

function tell({ promise, trace }: { readonly promise: string; readonly trace: readonly string[] }): string {
  return [`Broken: ${promise}`, ...trace.map((line, index) => `  ${index + 1}. ${line}`)].join('\n');
}
