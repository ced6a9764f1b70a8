import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openStore } from './adapters/sql/open-store.js';
import {
  type PostgresServer,
  postgresOrSkip,
  startPostgres,
} from './adapters/sql/testing/postgres-server.js';
import { systemClock } from './adapters/system-clock.js';
import { createServer, type Server, type ServerOptions } from './create-server.js';
import { StartError } from './domain/start-error.js';
import { SettingsError } from './settings/settings-error.js';
import { connectRaw, type RawClient } from './testing/raw-client.js';
import { startTestServer } from './testing/test-server.js';

const binaries = postgresOrSkip();
const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe('createServer', () => {
  let folder: string;
  const servers: Server[] = [];
  const make = (options: ServerOptions = {}) => {
    const server = createServer({
      dev: true,
      port: 0,
      databaseUrl: `file:${join(folder, 'a.db')}`,
      logger: silent,
      ...options,
    });
    servers.push(server);
    return server;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goconnect server-'));
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop({ drainMs: 0 });
    await rm(folder, { recursive: true });
  });

  const tokenOf = async (server: Server, name: string) => {
    const response = await fetch(`${server.address.url}/v1/auth/login`, {
      method: 'POST',
      body: JSON.stringify({ email: `${name}@goconnect.example`, password: 'goconnect' }),
    });
    const { data } = (await response.json()) as { data: { access_token: string } };
    return data.access_token;
  };
  const connect = async (server: Server, name: string): Promise<RawClient> => {
    const client = await connectRaw(server.address.wsUrl, { token: await tokenOf(server, name) });
    await client.ask('room.join', 'ready', { room: 'host' });
    return client;
  };

  it('refuses wrong options before it opens anything', () => {
    expect(() => createServer({ port: 99_999 })).toThrow(SettingsError);
    expect(() => createServer({ port: 99_999 })).toThrow(/PORT=99999.*\n.*JWT_SECRET: required/);
    expect(() => createServer({ env: { GOCONNECT_DEV: '1', WS_PONG_WAIT: 'never' } })).toThrow(
      /WS_PONG_WAIT=never/,
    );
  });

  it('starts once, however often it is asked, and says where it is', async () => {
    const server = make();
    expect(() => server.address).toThrow(/await start\(\) first/);
    const [one, two] = await Promise.all([server.start(), server.start()]);
    expect(two).toEqual(one);
    expect(server.address).toEqual({
      host: '127.0.0.1',
      port: one.port,
      url: `http://localhost:${one.port}`,
      wsUrl: `ws://localhost:${one.port}/v1/ws`,
    });
    expect((await fetch(`${one.url}/health`)).status).toBe(200);
  });

  it.each(['before it starts', 'while it starts', 'while it runs'])('stops %s', async (when) => {
    const server = make();
    const started = when === 'before it starts' ? undefined : server.start();
    if (when === 'while it runs') await started;
    await Promise.all([server.stop(), server.stop()]);
    await started;
    expect(await server.ended).toBe('stopped');
    await expect(server.start()).rejects.toThrow(/a stopped server stays stopped/);
    expect(() => server.networks).toThrow(/the server is stopped/);
    // The file and everything else was let go.
    await make().start();
  });

  it('tells in one line that its port is taken, leaves nothing open, and can be started again', async () => {
    const other = createTcpServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const server = make({ port });
    await expect(server.start()).rejects.toThrow(StartError);
    const failure = await server.start().catch((error: Error) => error);
    expect((failure as Error).message).toBe(
      `127.0.0.1:${port} is taken by another program; stop it or set PORT to another port`,
    );
    other.close();
    await once(other, 'close');
    await server.start();
  });

  it('holds what a program gives to what comes over HTTP', async () => {
    const server = make();
    await server.start();
    const ada = { userId: 'ada', tenantId: 'default' };
    const right = { name: 'Hall', visibility: 'public', joinPolicy: 'open' } as const;
    const loosely = <T>(value: unknown) => value as T;
    const { networks } = server;
    const refused: readonly [string, () => Promise<unknown>][] = [
      ['name', () => networks.create(ada, { ...right, name: 'x' })],
      ['name', () => networks.create(ada, { ...right, name: 'a\u0000bc' })],
      ['visibility', () => networks.create(ada, { ...right, visibility: loosely('zzz') })],
      [
        'joinPolicy',
        () => networks.create(ada, loosely({ ...right, joinPolicy: undefined, join_policy: 'open' })),
      ],
      ['name', () => networks.update(ada, 'lobby', { name: 'x'.repeat(10_000) })],
      ['uses', () => networks.invite(ada, 'lobby', { uses: -1 })],
      ['expiresInSeconds', () => networks.invite(ada, 'lobby', { expiresInSeconds: 1.5 })],
      ['reason', () => networks.kick(ada, 'lobby', 'linus', 'x'.repeat(257))],
      ['reason', () => networks.ban(ada, 'lobby', 'linus', '')],
    ];
    for (const [field, call] of refused)
      await expect(call()).rejects.toMatchObject({ code: 'ERR_INVALID_MESSAGE', details: { field } });
    expect((await networks.create(ada, right)).name).toBe('Hall');
    expect((await networks.get(ada, 'lobby')).name).not.toContain('x');
    expect(await networks.countMembers(ada, 'lobby')).toBe(3);
  });

  it('keeps what was done when it is started again, demo users and networks included', async () => {
    const first = make();
    await first.start();
    await first.networks.update({ userId: 'ada', tenantId: 'default' }, 'lobby', { name: 'Hall' });
    await first.networks.leave({ userId: 'linus', tenantId: 'default' }, 'lobby');
    const token = await tokenOf(first, 'grace');
    await first.stop();

    const second = make();
    await second.start();
    const { members } = await second.networks.members({ userId: 'ada', tenantId: 'default' }, 'lobby');
    expect((await second.networks.get({ userId: 'ada', tenantId: 'default' }, 'lobby')).name).toBe('Hall');
    expect(members.map(({ userId }) => userId).sort()).toEqual(['ada', 'grace']);
    // Its secret is the same too: who was logged in still is.
    const answer = await fetch(`${second.address.url}/v1/networks/lobby`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(200);
  });

  it('has no demo users and no secret of its own outside development mode', async () => {
    const server = make({ dev: false, host: '127.0.0.1', jwtSecret: '0123456789'.repeat(4) });
    await server.start();
    const response = await fetch(`${server.address.url}/v1/auth/login`, {
      method: 'POST',
      body: JSON.stringify({ email: 'ada@goconnect.example', password: 'goconnect' }),
    });
    expect(response.status).toBe(401);
  });

  it('sends events to a room in its own name: recoverable ones as entries, others live', async () => {
    const server = make();
    await server.start();
    const ada = await connect(server, 'ada');
    await server.broadcast('network:lobby', 'net.updated', {
      network_id: 'lobby',
      changes: ['topic'],
      properties: { topic: 'tea' },
    });
    expect((await ada.event('net.updated')).data).toMatchObject({
      network_id: 'lobby',
      properties: { topic: 'tea' },
    });
    await server.broadcast('host', 'presence.update', {
      user_id: 'robot',
      status: 'online',
      since: '2026-01-01T00:00:00Z',
    });
    expect((await ada.next(({ data }) => data?.user_id === 'robot')).type).toBe('presence.update');
    await expect(
      server.broadcast('nowhere', 'member.left', { network_id: 'n', user_id: 'u' }),
    ).rejects.toThrow(/broadcast: room is/);
    const wrong = { network_id: 'n' } as { network_id: string; user_id: string };
    await expect(server.broadcast('host', 'member.left', wrong)).rejects.toThrow(/data\.user_id/);
    await ada.close();
  });

  it('lets users in past any number of sockets that keep it waiting (A6.4)', async () => {
    const server = await startTestServer({ wsMaxUnauthenticated: 8 });
    const token = await server.tokenOf('ada');
    const { port } = server.server.address;
    const early = await server.connect(token);
    const crowd = Array.from({ length: 100 }, (_, index) => {
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => {});
      // Silent ones, slow ones, and those whose body never comes.
      const says = [
        '',
        'GET /v1/ws HTTP/1.1\r\nHo',
        'POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{',
      ];
      socket.write(says[index % 3] ?? '');
      return socket;
    });
    await Promise.all(crowd.map((socket) => once(socket, 'connect')));
    for (let round = 0; round < 3; round++) {
      const client = await server.connect(token);
      expect((await client.ask('presence.ping', 'op')).type).toBe('presence.pong');
      await client.close();
    }
    expect((await early.ask('presence.ping', 'op')).type).toBe('presence.pong');
    await early.close();
    for (const socket of crowd) socket.destroy();
    await server.end();
  });

  it('drains: not ready from the first moment, no new connections, clients told and closed with 4412 (B5)', async () => {
    const server = make();
    const { url, wsUrl } = await server.start();
    const token = await tokenOf(server, 'ada');
    const modern = new WebSocket(`${wsUrl}?token=${token}`, ['goconnect.v1']);
    const heard: { type: string }[] = [];
    modern.on('message', (frame) => heard.push(JSON.parse(String(frame))));
    await once(modern, 'open');
    const base = await connect(server, 'grace');

    const modernClosed = once(modern, 'close');
    const stopped = server.stop({ drainMs: 500 });
    const ready = await fetch(`${url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { ready: false, checks: { store: 'ok', bus: 'ok', server: 'draining' } },
    ]);
    const refused = new WebSocket(wsUrl, { headers: { authorization: `Bearer ${token}` } });
    refused.on('error', () => {});
    const [, response] = await once(refused, 'unexpected-response');
    expect(response.statusCode).toBe(503);
    response.resume();

    expect(await base.closed).toBe(4412);
    expect((await modernClosed)[0]).toBe(4412);
    expect(heard.map(({ type }) => type)).toContain('session.draining');
    await stopped;
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  // Each of these kept a server in its grace period of 10 s; vitest ends the test before that is over.
  it('waits at its end for nobody who only dials', { timeout: 8_000 }, async () => {
    const server = make({});
    const { url, wsUrl } = await server.start();
    const mute = connectTcp(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
    await once(mute, 'connect');
    // A client that answers no close keeps the server waiting while others dial.
    const client = await connect(server, 'ada');
    client.socket.pause();
    const stopped = server.stop({ drainMs: 0 });
    const late = new WebSocket(wsUrl);
    const answer = await new Promise((resolve) => {
      late.on('unexpected-response', (_, { statusCode }) => resolve(statusCode));
      late.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect([503, 'ECONNREFUSED', 'ECONNRESET']).toContain(answer);
    await stopped;
    mute.destroy();
    client.socket.terminate();
  });

  it('stops at once when nobody is there, whatever the time to drain', async () => {
    const server = make({ drainTimeoutMs: 3_600_000 });
    await server.start();
    await server.stop();
  });

  it('runs beside another one, each with its own data and metrics', async () => {
    const servers = [make(), make({ databaseUrl: 'sqlite::memory:' })];
    const [one, two] = await Promise.all(servers.map((server) => server.start()));
    const client = await connect(servers[0] as Server, 'ada');
    const connections = async (url = '') =>
      /^websocket_connections_total (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
    expect([await connections(one?.url), await connections(two?.url)]).toEqual(['1', '0']);
    await client.close();
  });
});

describe.skipIf(binaries === undefined)('a PostgreSQL that another server takes', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres(binaries ?? '');
  });
  afterAll(() => postgres?.stop());

  it.each(['while it runs', 'while it drains'])('ends a server at once %s', async (when) => {
    const databaseUrl = await postgres.database();
    const server = await startTestServer({ databaseUrl, drainTimeoutMs: 8_000 });
    const ada = await server.connect(await server.tokenOf('ada'), 'v1');
    await ada.event('session.welcome');
    const next = openStore({ url: databaseUrl, clock: systemClock, logger: silent, servers: 'one' });
    const held = "locktype = 'advisory'";
    await expect
      .poll(() => postgres.run(`SELECT 1 FROM pg_locks WHERE ${held} AND NOT granted`), { timeout: 10_000 })
      .toHaveLength(1);
    if (when === 'while it drains') {
      void server.server.stop();
      await ada.event('session.draining');
    }
    await postgres.run(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE ${held} AND granted`);
    const successor = await next;
    // Whoever writes finds out; else it would within 5 s.
    ada.send('chat.send', 'late', { scope: 'network:lobby', body: 'late' });
    // The end of a drain would be 4412.
    expect(await ada.closed).toBe(1001);
    expect(await server.server.ended).toBe('taken_over');
    await server.end();
    await successor.close();
  });
});
