import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFakeServer,
  createVirtualClock,
  fakeServerTarget,
  judgeServer,
  SERVER_CASES,
  type ServerTarget,
  tcpDial,
  wsDial,
} from '../src/index.js';
import { CLAUSE_MUTANTS } from './mutants/clause-mutants.js';
import { DOOR_MUTANTS } from './mutants/door-mutants.js';
import { type Mutation, mutantDial, mutantTcpDial } from './mutants/mutant-dial.js';
import { REMOVAL_MUTANTS } from './mutants/removal-mutants.js';
import { ROOM_MUTANTS } from './mutants/room-mutants.js';
import { doorMutants, SERVER_MUTANTS, type ServerMutant } from './mutants/server-mutants.js';
import { SESSION_MUTANTS } from './mutants/session-mutants.js';
import { VALUE_MUTANTS } from './mutants/value-mutants.js';
import { WELCOME_MUTANTS } from './mutants/welcome-mutants.js';
import { type ReferenceServer, startReferenceServer } from './reference-server.js';

/** The long form plants the faults in front of the reference server, the short one in front of the fake where that can play. */
const long = process.env.GOCONNECT_PROVE === '1';

type Stage = 'memory' | 'ws' | 'reference';

let targets: Readonly<Record<Stage, ServerTarget>>;
let stop: () => Promise<void>;

beforeAll(async () => {
  const reference: ReferenceServer = await startReferenceServer();
  if (long) {
    targets = { memory: reference.target, ws: reference.target, reference: reference.target };
    stop = reference.stop;
    return;
  }
  const server = createFakeServer({ seed: 'mutants' });
  const clock = createVirtualClock({ seed: 'mutants' });
  const onPort = await createFakeServer({ transport: 'ws', clock, allowedOrigins: [] });
  targets = {
    memory: fakeServerTarget(server),
    ws: { ...fakeServerTarget(onPort), anyOrigin: false },
    reference: reference.target,
  };
  stop = async () => {
    await server.close();
    await onPort.close();
    await reference.stop();
  };
}, 120_000);
afterAll(() => stop());

/** What never comes is waited for this long; what has to come may take as long as a busy machine needs. */
const IN_VAIN_MS = { memory: 200, ws: 200, reference: 1_500 };
const PATIENT_MS = 10_000;

async function outcomeOf(killedBy: string, mutation: Mutation, deadlineMs: number) {
  const judged = targets[stageOf(killedBy)];
  const dial = mutantDial(judged.dial ?? wsDial, mutation);
  const hidesStatus = judged.dial !== undefined;
  const through = { dial, hidesStatus, ...(!hidesStatus && { tcpDial: mutantTcpDial(tcpDial, mutation) }) };
  const report = await judgeServer({ ...judged, ...through, deadlineMs }, { only: killedBy });
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
    ...VALUE_MUTANTS,
    ...REMOVAL_MUTANTS,
    ...WELCOME_MUTANTS,
    ...doorMutants(goodToken),
  ].filter(({ onlyFake }) => !onlyFake || !long);
const ALL = mutants();
const clausesOf = (name: string) => SERVER_CASES.find((one) => one.name === name)?.rules ?? [];
const stageOf = (killedBy: string): Stage =>
  long ? 'reference' : (ALL.find((one) => one.killedBy === killedBy)?.over ?? 'memory');

describe('a suite that cannot fail proves nothing', { timeout: 60_000 }, () => {
  it('plants at least 25 faults, each with a name of its own and a case that exists', () => {
    expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
    expect(ALL.length).toBeGreaterThanOrEqual(25);
    for (const { killedBy } of ALL) expect(SERVER_CASES.map(({ name }) => name)).toContain(killedBy);
  });

  it.skipIf(long)('has a fault for every case', () => {
    const killed = new Set(ALL.map(({ killedBy }) => killedBy));
    expect(SERVER_CASES.map(({ name }) => name).filter((name) => !killed.has(name))).toEqual([]);
  });

  it.each([...new Set(ALL.map(({ killedBy }) => killedBy))])(
    'passes without a fault: %s',
    async (killedBy) => {
      expect(await outcomeOf(killedBy, {}, PATIENT_MS)).toEqual({ kind: 'passed' });
    },
  );

  it.each(ALL.map(({ name }, index) => ({ name, index })))('notices: $name', async ({ index }) => {
    const all = mutants(targets.memory.users[0]?.token);
    const { killedBy, mutation, clause } = all[index] as ServerMutant;
    const outcome = await outcomeOf(killedBy, mutation, IN_VAIN_MS[stageOf(killedBy)]);
    expect(outcome).toMatchObject({ kind: 'failed' });
    // What every connection is watched for is told with the clause that it breaks, in whatever case it shows.
    const told = outcome && 'why' in outcome ? outcome.why : '';
    expect(told).not.toMatch(/Cannot read|is not (iterable|a function)/);
    if (clause !== undefined) expect([...clausesOf(killedBy), told.split(': ')[0]]).toContain(clause);
  });
});
