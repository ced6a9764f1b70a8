import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@goconnect/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toolOrSkip } from '../../../scripts/tools.mjs';
import { eventually } from '../load/support/eventually.js';
import { type DemoUser, logIn } from '../support/demo-users.js';
import { effort } from '../support/effort.js';
import { type Launch, ServerProcess } from '../support/server-process.js';
import { type AckVerdict, type JudgedAck, judgeAcks } from './ack-order.js';
import { readSystemCalls } from './system-calls.js';

const MESSAGES = effort({ test: 5, ci: 60, prove: 200 });
const WRITERS = 8;
const USERS: readonly DemoUser[] = ['ada', 'grace', 'linus'];
const NO_RATE_LIMITS = {
  WS_RATE_CLIENT: '10000/1m',
  WS_RATE_NETWORK: '100000/1m',
  WS_MAX_CONNECTIONS_PER_USER: '1000',
};
const CARELESS_STORE = fileURLToPath(new URL('careless-store.mjs', import.meta.url));
const CALLS = 'fsync,fdatasync,pwrite64,pwritev,pwritev2,write,writev,sendto,sendmsg';

const strace = toolOrSkip('strace');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect-trace-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** One writer: says its messages one after the other; returns the ids that were acknowledged. */
async function write(server: ServerProcess, index: number): Promise<string[]> {
  const { accessToken } = await logIn(server.http, USERS[index % USERS.length] ?? 'ada');
  const client = createClient({ url: server.webSocket, token: accessToken });
  await client.connect();
  const acknowledged: string[] = [];
  for (let number = 0; number < MESSAGES; number++) {
    const ack = await client.room('network:lobby').send(`w${index} ${number}`);
    acknowledged.push(ack.message_id);
  }
  await client.close();
  return acknowledged;
}

/** Runs the server under strace with writers, and judges every ack that left it. */
async function traced(env: NodeJS.ProcessEnv, node: readonly string[] = []): Promise<JudgedAck[]> {
  const trace = join(folder, 'trace');
  await rm(trace, { force: true });
  const server = await ServerProcess.create(folder, { ...NO_RATE_LIMITS, ...env });
  // The server stays the child of this process (-D), so that it is the one which signals reach.
  const under = [strace ?? '', '-D', '-f', '-y', '-s', '65536', '-e', `trace=${CALLS}`, '-o', trace];
  const launch: Launch = { under, node };
  try {
    await server.start(launch);
    const { pid } = server;
    const writers = Array.from({ length: WRITERS }, (_, index) => write(server, index));
    const acknowledged = (await Promise.all(writers)).flat();
    await server.end('SIGKILL');
    const { seen } = await eventually(
      () => readFile(trace, 'latin1'),
      (text) => new RegExp(`^${pid} .*\\+\\+\\+ killed by SIGKILL`, 'm').test(text),
      20_000,
    );
    const acks = judgeAcks(readSystemCalls(seen));
    // Whatever the clients heard must be among what was judged, or the trace was not read rightly.
    expect(acks.map(({ messageId }) => messageId).sort()).toEqual(acknowledged.sort());
    return acks;
  } finally {
    await server.end('SIGKILL');
  }
}

function count(acks: readonly JudgedAck[]): Partial<Record<AckVerdict, number>> {
  const counts: Partial<Record<AckVerdict, number>> = {};
  for (const { verdict } of acks) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

describe.skipIf(strace === undefined)('the real server under strace', () => {
  it('B4.2: no ack leaves before the fsync of its commit, at the first start and at the second', async () => {
    for (const start of ['first', 'second']) {
      const counts = count(await traced({}));
      console.log(`fsync before ack, ${start} start: ${JSON.stringify(counts)}`);
      expect(counts).toEqual({ synced: WRITERS * MESSAGES });
    }
  }, 300_000);

  it.each([
    ['no fsync', 'not_synced'],
    ['ack before commit', 'not_committed'],
  ] as const)(
    'the judge notices a store with the bug: %s',
    async (bug, verdict) => {
      const counts = count(await traced({ CARELESS_STORE: bug }, ['--import', CARELESS_STORE]));
      console.log(`planted "${bug}": ${JSON.stringify(counts)}`);
      expect(counts[verdict]).toBeGreaterThan(0);
      expect(counts.synced ?? 0).toBeLessThan(WRITERS * MESSAGES);
    },
    300_000,
  );
});
