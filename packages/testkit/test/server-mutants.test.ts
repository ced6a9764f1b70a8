import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFakeServer,
  fakeServerTarget,
  judgeServer,
  SERVER_CASES,
  type ServerTarget,
  wsDial,
} from '../src/index.js';
import { CLAUSE_MUTANTS } from './mutants/clause-mutants.js';
import { DOOR_MUTANTS } from './mutants/door-mutants.js';
import { type Mutation, mutantDial } from './mutants/mutant-dial.js';
import { ROOM_MUTANTS } from './mutants/room-mutants.js';
import { doorMutants, SERVER_MUTANTS, type ServerMutant } from './mutants/server-mutants.js';
import { SESSION_MUTANTS } from './mutants/session-mutants.js';
import { type ReferenceServer, startReferenceServer } from './reference-server.js';

/** The long form plants the faults in front of the reference server, the short one in front of the fake in memory. */
const long = process.env.GOCONNECT_PROVE === '1';

let target: ServerTarget;
let stop: () => Promise<void>;

beforeAll(async () => {
  if (long) {
    const reference: ReferenceServer = await startReferenceServer();
    ({ target, stop } = reference);
  } else {
    const server = createFakeServer({ seed: 'mutants' });
    target = fakeServerTarget(server);
    stop = () => server.close();
  }
}, 120_000);
afterAll(() => stop());

/** What never comes is waited for this long; what has to come may take as long as a busy machine needs. */
const IN_VAIN_MS = long ? 1_500 : 200;
const PATIENT_MS = 10_000;

async function outcomeOf(killedBy: string, mutation: Mutation, deadlineMs: number) {
  const dial = mutantDial(target.dial ?? wsDial, mutation);
  const hidesStatus = target.dial !== undefined;
  const report = await judgeServer({ ...target, dial, deadlineMs, hidesStatus }, { only: killedBy });
  expect(report.results.map(({ name }) => name)).toEqual([killedBy]);
  return report.results[0]?.outcome;
}

const mutants = (goodToken = ''): readonly ServerMutant[] =>
  [
    ...SERVER_MUTANTS,
    ...CLAUSE_MUTANTS,
    ...DOOR_MUTANTS,
    ...ROOM_MUTANTS,
    ...SESSION_MUTANTS,
    ...doorMutants(goodToken),
  ].filter(({ onlyFake }) => !onlyFake || !long);
const ALL = mutants();

describe('a suite that cannot fail proves nothing', { timeout: 60_000 }, () => {
  it('plants at least 25 faults, each with a name of its own and a case that exists', () => {
    expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
    expect(ALL.length).toBeGreaterThanOrEqual(25);
    for (const { killedBy } of ALL) expect(SERVER_CASES.map(({ name }) => name)).toContain(killedBy);
  });

  it.skipIf(long)('has a fault for every case but the one whose subject memory hides', () => {
    const killed = new Set(ALL.map(({ killedBy }) => killedBy));
    expect(SERVER_CASES.map(({ name }) => name).filter((name) => !killed.has(name))).toEqual([
      'answers a refused upgrade with 401 and a JSON body that does not repeat the token',
    ]);
  });

  it.each([...new Set(ALL.map(({ killedBy }) => killedBy))])(
    'passes without a fault: %s',
    async (killedBy) => {
      expect(await outcomeOf(killedBy, {}, PATIENT_MS)).toEqual({ kind: 'passed' });
    },
  );

  it.each(ALL.map(({ name }, index) => ({ name, index })))('notices: $name', async ({ index }) => {
    const all = mutants(target.users[0]?.token);
    const { killedBy, mutation } = all[index] as ServerMutant;
    expect(await outcomeOf(killedBy, mutation, IN_VAIN_MS)).toMatchObject({ kind: 'failed' });
  });
});
