import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type GoConnectClient, GoConnectError } from '@goconnect/client';
import { createRandom } from '@goconnect/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { toolOrSkip } from '../../../scripts/tools.mjs';
import {
  CommitProxy,
  filesOf,
  type PostgresServer,
  postgresOrSkip,
  refuseCalls,
  startPostgres,
} from '../contracts/adapters.js';
import { type DemoUser, logIn, wholeHistory } from '../support/demo-users.js';
import { effort } from '../support/effort.js';
import { ServerProcess } from '../support/server-process.js';

const SEED = Number(process.env.GOCONNECT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = effort({ test: 8, ci: 60, prove: 600 });
/** Each waits for the patience of the store. */
const AWAY = (
  [
    ['reached', 'v1'],
    ['reached', 'base'],
    ['unreached', 'v1'],
    ['unreached', 'base'],
  ] as const
).slice(0, effort({ test: 2, ci: 4, prove: 4 }));
const SETTINGS = { WS_RATE_CLIENT: '10000/1m', WS_RATE_NETWORK: '100000/1m', ACCESS_TOKEN_TTL: '1d' };
const ROOM = 'network:lobby';

/** Speaks the base contract only: a server that is offered no subprotocol selects none. */
class BaseSocket extends WebSocket {
  constructor(url: string, _: unknown, options?: object) {
    super(url, [], options);
  }
}

/** What the application was told of a message: that it is there, is not there, or that nobody knows. */
type Told = { readonly body: string; readonly told: 'acked' | 'refused' | 'unknown'; readonly id?: string };

let folder: string;
let server: ServerProcess;
let clients: GoConnectClient[];
let heard: string[];

async function enter(user: DemoUser, contract: 'v1' | 'base'): Promise<GoConnectClient> {
  const client = createClient({
    url: server.webSocket,
    token: async () => (await logIn(server.http, user)).accessToken,
    backoff: { minMs: 5, baseMs: 10, maxMs: 200 },
    requestTimeoutMs: 60_000,
    ...(contract === 'base' && { WebSocket: BaseSocket as never }),
  });
  await client.connect();
  clients.push(client);
  return client;
}

async function say(client: GoConnectClient, body: string): Promise<Told> {
  try {
    const { message_id: id } = await client.room(ROOM).send(body);
    return { body, told: 'acked', id };
  } catch (error) {
    const { code } = GoConnectError.from(error);
    if (code === 'ERR_HANDLER_FAILED') return { body, told: 'refused' };
    if (code === 'unknown_outcome') return { body, told: 'unknown' };
    throw error;
  }
}

/** Resolves when its line is gone, the next time. */
function gone(client: GoConnectClient): Promise<void> {
  return new Promise((resolve) => {
    const stop = client.on('state', ({ status }) => {
      if (status === 'connected') return;
      stop();
      resolve();
    });
  });
}

/** Holds what was told against the log: everything is there once at most, and as it was told. */
async function judge(all: readonly Told[]): Promise<void> {
  const stored = await wholeHistory(server.http, await logIn(server.http, 'ada'), ROOM);
  for (const { body, told, id } of all) {
    const ids = stored.filter((message) => message.body === body).map((message) => message.id);
    const count = { acked: [1], refused: [0], unknown: [0, 1] }[told];
    expect(count, `"${body}" was told as ${told}`).toContain(ids.length);
    if (told === 'acked') expect(ids).toEqual([id]);
  }
  // Who listens heard the same, in the same order.
  await vi.waitFor(() => expect(heard).toEqual(stored.map(({ body }) => body)), 20_000);
}

async function begin(env: NodeJS.ProcessEnv): Promise<void> {
  clients = [];
  heard = [];
  server = await ServerProcess.create(folder, { ...SETTINGS, ...env });
  await server.start();
  const reader = await enter('linus', 'v1');
  reader.on('chat.message', ({ body }) => heard.push(body));
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect-unanswered-'));
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('a COMMIT whose line to PostgreSQL is cut', () => {
  let postgres: PostgresServer;
  let proxy: CommitProxy;
  beforeAll(async () => {
    postgres = await startPostgres(binaries ?? '');
  });
  afterAll(() => postgres?.stop());
  beforeEach(async () => {
    const proxied = await CommitProxy.start(await postgres.database());
    ({ proxy } = proxied);
    await begin({ DATABASE_URL: proxied.url });
  });
  afterEach(async () => {
    await server.end('SIGKILL');
    await proxy.stop();
  });

  it(`promises 2 and 4: is told as what it came to, ${ROUNDS} times (seed ${SEED})`, async () => {
    const random = createRandom(SEED);
    const writers = [await enter('ada', 'v1'), await enter('grace', 'base')];
    const all: Told[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const trouble = random.pick(['reached', 'unreached'] as const) ?? 'reached';
      void proxy.trouble(trouble);
      const told = await Promise.all(writers.map((client, index) => say(client, `${round} of ${index}`)));
      all.push(...told);
    }
    // The store found out each time: nobody had to be sent away.
    expect(new Set(all.map(({ told }) => told))).toEqual(new Set(['acked', 'refused']));
    await judge(all);
  });

  it.each(AWAY)(
    'and stays away: of one that was %s a %s client is told nothing, and then the truth, or that nobody knows',
    async (trouble, contract) => {
      const client = await enter('ada', contract);
      const other = await enter('grace', 'v1');
      const cut = proxy.trouble(trouble);
      proxy.shut();
      const saying = say(client, 'in doubt');
      const behind = cut.then(() => say(other, 'behind it'));
      await gone(client);
      proxy.open();
      const all = await Promise.all([saying, behind]);
      // Who waited behind it begins when the line is there again, or was refused before: either is true.
      expect(all[0]?.told).toBe(contract === 'v1' ? 'acked' : 'unknown');
      await judge(all);
      expect(heard.includes('in doubt')).toBe(contract === 'v1' || trouble === 'reached');
    },
  );
});

const strace = toolOrSkip('strace');

describe.skipIf(strace === undefined)('a COMMIT of SQLite that the disk writes and does not sync', () => {
  const troubled = async () => {
    const files = filesOf(join(folder, 'goconnect.db'));
    return await refuseCalls(strace ?? '', server.pid ?? 0, {
      calls: 'fsync,fdatasync',
      error: 'EIO',
      files,
    });
  };

  it('is told as refused only when it can never come back', async () => {
    await begin({});
    const ada = await enter('ada', 'v1');
    const relieve = await troubled();
    const saying = say(ada, 'one');
    // It has tried to find out, and says that it cannot.
    await vi.waitUntil(async () => (await fetch(`${server.http}/ready`)).status === 503, 4_000);
    await relieve();
    const told = await saying;
    expect(told.told).toBe('refused');
    await server.end('SIGKILL');
    await server.start();
    await judge([told]);
  });

  it.each(['v1', 'base'] as const)('and then dies: %s', async (contract) => {
    await begin({});
    const client = await enter('ada', contract);
    const relieve = await troubled();
    const saying = say(client, 'in doubt');
    await gone(client);
    await server.end('SIGKILL');
    await relieve();
    await server.start();
    const told = await saying;
    expect(told.told).toBe(contract === 'v1' ? 'acked' : 'unknown');
    await judge([told]);
  });

  it('and begins to sync again later: the client that came back meanwhile gets the truth', async () => {
    await begin({});
    const v1 = await enter('ada', 'v1');
    const relieve = await troubled();
    const saying = say(v1, 'from v1');
    await gone(v1);
    await vi.waitUntil(() => v1.state.status === 'connected', 20_000);
    // It has asked again, and the store still did not know.
    await gone(v1);
    await relieve();
    const told = await saying;
    expect(told.told).toBe('acked');
    await judge([told]);
  });
});
