import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ConformanceUser,
  type Direction,
  FAULT_KINDS,
  type FaultKind,
  httpAdmin,
} from '@goconnect/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { effort } from '../support/effort.js';
import { mintToken } from '../support/mint-token.js';
import { ServerProcess } from '../support/server-process.js';
import { type Stage, type TroubledRun, troubledRun } from './troubled-run.js';

/** Runs of each fault in each direction. */
const RUNS = effort({ test: 2, ci: 20, prove: 200 });
/** Runs at once. A run mostly waits; more of them would measure the machine. */
const AT_ONCE = 26;
/** `GOCONNECT_SEED` repeats the runs of a failed proof, `GOCONNECT_FAULT=reset` only those of one kind. */
const SEED = process.env.GOCONNECT_SEED ?? `${Date.now()}`;
const KINDS = FAULT_KINDS.filter((kind) => kind === (process.env.GOCONNECT_FAULT ?? kind));
const BREAKING: readonly FaultKind[] = [
  'truncate',
  'half_open',
  'black_hole',
  'reset',
  'close',
  'deny_upgrade',
  'bit_flip',
];
const DIRECTIONS: readonly Direction[] = ['up', 'down'];
const SECRET = 'a secret of this proof, and only of it';
/** The limits are not what is on trial here. */
const NO_LIMITS = {
  WS_RATE_CLIENT: '10000/1m',
  WS_RATE_NETWORK: '100000/1m',
  WS_MAX_CONNECTIONS_PER_USER: '1000',
  JWT_SECRET: SECRET,
  // Nor is the disk: what a crash leaves is proven elsewhere, and here nobody crashes.
  DATABASE_URL: 'sqlite::memory:',
};

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect-faults-'));
  server = await ServerProcess.create(folder, NO_LIMITS);
  await server.start();
});
afterAll(async () => {
  await server.end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function openStage(lane: number): Stage {
  const admin = httpAdmin(server.http);
  const [writer, reader] = [userOf(`writer-${lane}`), userOf(`reader-${lane}`)];
  const history = (scope: string) => bodiesIn(scope, writer);
  return { webSocket: server.webSocket, admin, writer, reader, history };
}

function userOf(id: string): ConformanceUser {
  return { id, token: mintToken(SECRET, { userId: id, tenantId: 'faults' }) };
}

/** What the store holds of a scope, oldest first. */
async function bodiesIn(scope: string, { token }: ConformanceUser): Promise<readonly string[]> {
  const query = new URLSearchParams({ scope, limit: '100' });
  const response = await fetch(`${server.http}/v1/chat?${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { data } = (await response.json()) as { data: readonly { body: string }[] };
  return data.map(({ body }) => body).reverse();
}

test(
  `promises 2, 3 and 4: every fault, both directions, ${RUNS} times each: all delivered, in order, once`,
  async () => {
    console.log(`faults over sockets: seed ${SEED}`);
    const runs: TroubledRun[] = Array.from({ length: RUNS }, (_, round) =>
      KINDS.flatMap((kind) =>
        DIRECTIONS.map((direction) => ({ kind, direction, seed: `${SEED}/${kind}/${direction}/${round}` })),
      ),
    ).flat();
    const failures: string[] = [];
    const dials = new Map<string, number>();
    let next = 0;
    const lane = async (_: unknown, index: number) => {
      const stage = openStage(index);
      for (let run = runs[next++]; run; run = runs[next++]) {
        const result = await troubledRun(stage, run);
        const name = `${run.kind} ${run.direction}`;
        dials.set(name, (dials.get(name) ?? 0) + result.dials);
        if (result.faults.length > 0) failures.push([run.seed, ...result.faults, result.plan].join('\n'));
      }
    };
    const from = performance.now();
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, runs.length) }, lane));
    console.log(
      `faults over sockets: ${runs.length} runs in ${Math.round((performance.now() - from) / 1_000)} s, ${failures.length} failed; dials: ${[...dials].map(([name, count]) => `${name} ${count}`).join(', ')}`,
    );
    expect(failures, `seed ${SEED}`).toEqual([]);
    // Trouble that breaks connections did so: a plan that never strikes would prove nothing. Of two runs of a kind chance may spare both.
    const breaking = KINDS.filter((one) => BREAKING.includes(one)).flatMap((kind) =>
      DIRECTIONS.map((direction) => `${kind} ${direction}`),
    );
    const groups = RUNS < 20 ? [breaking] : breaking.map((name) => [name]);
    for (const names of groups) {
      const dialled = names.reduce((sum, name) => sum + (dials.get(name) ?? 0), 0);
      expect(dialled, `dials under ${names}`).toBeGreaterThan(2 * RUNS * names.length);
    }
  },
  RUNS * 60_000 + 240_000,
);
