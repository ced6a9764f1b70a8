import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type GoConnectClient, GoConnectError } from '@goconnect/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DemoUser, logIn, wholeHistory } from '../support/demo-users.js';
import { effort } from '../support/effort.js';
import { ServerProcess } from '../support/server-process.js';

const CYCLES = effort({ test: 5, ci: 100, prove: 1_000 });
const WRITERS = 8;
const USERS: readonly DemoUser[] = ['ada', 'grace', 'linus'];
/** The limits are not what is on trial here; a killed server must not wait for a minute's quota. */
const NO_RATE_LIMITS = {
  WS_RATE_CLIENT: '10000/1m',
  WS_RATE_NETWORK: '100000/1m',
  WS_MAX_CONNECTIONS_PER_USER: '1000',
  ACCESS_TOKEN_TTL: '1d',
};

let folder: string;
let server: ServerProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect-kill-'));
  server = await ServerProcess.create(folder, NO_RATE_LIMITS);
  await server.start();
});

afterEach(async () => {
  await server.end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** A writer that is logged in and connected; from here on only its client deals with the crashes. */
async function enter(user: DemoUser): Promise<GoConnectClient> {
  const { accessToken } = await logIn(server.http, user);
  const client = createClient({
    url: server.webSocket,
    token: accessToken,
    backoff: { minMs: 5, baseMs: 10, maxMs: 100 },
    requestTimeoutMs: 120_000,
  });
  await client.connect();
  return client;
}

/** Sends numbered messages one after the other until told to stop; keeps what was acknowledged. */
async function write(
  client: GoConnectClient,
  name: string,
  until: { stopped: boolean },
  acknowledged: Map<string, string>,
): Promise<void> {
  const room = client.room('network:lobby');
  for (let number = 0; !until.stopped; number++) {
    const body = `${name} ${number}`;
    try {
      const ack = await room.send(body);
      acknowledged.set(ack.message_id, body);
    } catch (cause) {
      throw new Error(`${body} was not acknowledged: ${GoConnectError.from(cause).code}`, { cause });
    }
  }
  await client.close();
}

test(
  `promise 1 and 2: kill -9 under ${WRITERS} writers, ${CYCLES} times, loses and doubles nothing`,
  async () => {
    const acknowledged = new Map<string, string>();
    const until = { stopped: false };
    const clients = await Promise.all(
      Array.from({ length: WRITERS }, (_, index) => enter(USERS[index % USERS.length] ?? 'ada')),
    );
    const writers = Promise.all(
      clients.map((client, index) => write(client, `w${index}`, until, acknowledged)),
    );
    // A writer that fails ends the proof at once, not after the last cycle.
    const cycles = (async () => {
      for (let cycle = 0; cycle < CYCLES; cycle++) {
        const before = acknowledged.size;
        // Not faster than a timer: a busy loop here takes the core that the server starts on.
        while (acknowledged.size < before + WRITERS) await new Promise((resolve) => setTimeout(resolve, 2));
        await server.end('SIGKILL');
        await server.start();
      }
      until.stopped = true;
    })();
    await Promise.race([cycles, writers]);
    await cycles;
    await writers;

    const stored = await wholeHistory(server.http, await logIn(server.http, 'ada'), 'network:lobby');
    const bodies = stored.map((message) => message.body);
    const bodyOf = new Map(stored.map((message) => [message.id, message.body]));
    const lost = [...acknowledged].filter(([id, body]) => bodyOf.get(id) !== body);
    console.log(
      `kill -9: ${CYCLES} cycles, ${acknowledged.size} acknowledged, ${lost.length} lost, ${bodies.length - new Set(bodies).size} doubled`,
    );
    expect(lost).toEqual([]);
    expect(new Set(bodies).size).toBe(bodies.length);
    expect(bodies).toHaveLength(acknowledged.size);
    for (let index = 0; index < WRITERS; index++) {
      const own = bodies
        .filter((body) => body.startsWith(`w${index} `))
        .map((body) => Number(body.split(' ')[1]));
      expect(own).toEqual(own.map((_, number) => number));
    }
  },
  CYCLES * 5_000 + 60_000,
);
