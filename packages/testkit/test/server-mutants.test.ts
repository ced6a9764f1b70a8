import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConformanceUser, judgeServer, SERVER_CASES, wsDial } from '../src/index.js';
import { mutantDial } from './mutants/mutant-dial.js';
import { doorMutants, SERVER_MUTANTS, type ServerMutant } from './mutants/server-mutants.js';
import { type ReferenceServer, startReferenceServer } from './reference-server.js';

let reference: ReferenceServer;

beforeAll(async () => {
  reference = await startReferenceServer();
});
afterAll(() => reference.stop());

/** Long enough for an answer on a busy machine, short for what never comes. */
const DEADLINE_MS = 1_000;

/** Pairs of users that no other mutant uses at the time: connections of a user are counted. */
const pairs: (readonly [ConformanceUser, ConformanceUser])[] = [];

async function pair(): Promise<readonly [ConformanceUser, ConformanceUser]> {
  const { admin } = reference.target;
  return (
    pairs.pop() ?? [(await admin?.newUser()) as ConformanceUser, (await admin?.newUser()) as ConformanceUser]
  );
}

async function outcomeOf({ killedBy, mutation }: Pick<ServerMutant, 'killedBy' | 'mutation'>) {
  const users = await pair();
  const dial = mutantDial(wsDial, mutation);
  const target = { ...reference.target, users, dial, deadlineMs: DEADLINE_MS, hidesStatus: false };
  const report = await judgeServer(target, { only: killedBy });
  pairs.push(users);
  expect(report.results.map(({ name }) => name)).toEqual([killedBy]);
  return report.results[0]?.outcome;
}

const KILLERS = [...new Set([...SERVER_MUTANTS, ...doorMutants('')].map(({ killedBy }) => killedBy))];

describe('a suite that cannot fail proves nothing', () => {
  it('plants at least 25 faults, each with a name of its own', () => {
    const all = [...SERVER_MUTANTS, ...doorMutants('')];
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(25);
    for (const { killedBy } of all) expect(SERVER_CASES.map(({ name }) => name)).toContain(killedBy);
  });

  it.concurrent.each(KILLERS)('passes without a fault: %s', async (killedBy) => {
    expect(await outcomeOf({ killedBy, mutation: {} })).toEqual({ kind: 'passed' });
  });

  it.concurrent.each(SERVER_MUTANTS)('notices: $name', async (mutant) => {
    expect(await outcomeOf(mutant)).toMatchObject({ kind: 'failed' });
  });

  it.concurrent.each(doorMutants('').map(({ name }, index) => ({ name, index })))(
    'notices: $name',
    async ({ index }) => {
      const mutant = doorMutants(reference.target.users[0]?.token ?? '')[index] as ServerMutant;
      expect(await outcomeOf(mutant)).toMatchObject({ kind: 'failed' });
    },
  );
});
