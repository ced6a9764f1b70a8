import { afterEach, beforeEach, expect, it } from 'vitest';
import { StubSocket } from './testing/stub-socket.js';
import { turns } from './testing/test-clock.js';
import { type Person, TestServer } from './testing/test-server.js';

let server: TestServer;
let ada: Person;
let chance: number;

beforeEach(async () => {
  chance = 0;
  server = await TestServer.start({
    settings: { maxConnectionsPerUser: 50 },
    random: () => (chance = (chance + 0.37) % 1),
  });
  ada = await server.person('ada');
});
afterEach(() => server.stop());

const options = { windowMs: 10_000, deadlineMs: 20_000, reason: 'deploy' };

it('tells each v1 client a moment of its own, and closes who is left with 4412 at the deadline (B5.1)', async () => {
  const clients = await Promise.all(Array.from({ length: 20 }, () => server.v1(ada)));
  const base = await server.base(ada);
  await Promise.all([base.fence(), ...clients.map((client) => client.fence())]);
  const drained = server.gateway.drain(options);
  const told = await Promise.all(clients.map(async (client) => (await client.next('session.draining')).data));
  expect(told[0]).toEqual({ reconnect_after_ms: expect.any(Number), deadline_ms: 20_000, reason: 'deploy' });
  const moments = told.map((data) => Number(data?.reconnect_after_ms));
  expect(new Set(moments).size).toBeGreaterThan(15);
  expect(Math.min(...moments)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...moments)).toBeLessThan(10_000);
  expect((await base.ask('presence.ping')).type).toBe('presence.pong');
  await Promise.all(clients.slice(1).map((client) => client.close()));
  await server.clock.advance(20_000);
  expect(await clients[0]?.closed).toEqual({ code: 4412, reason: 'draining' });
  expect((await base.closed).code).toBe(4412);
  await drained;
  expect(base.received.map(({ type }) => type)).not.toContain('session.draining');
});

it('is over two seconds after its deadline, also when somebody does not answer the close (B5.1)', async () => {
  const socket = new StubSocket();
  await socket.enter(server, ada, 'v1');
  socket.close = () => {};
  const drained = server.gateway.drain(options);
  await server.clock.advance(20_000);
  expect(socket.ended).toBeUndefined();
  await server.clock.advance(2_000);
  expect(socket.ended).toBe('terminated');
  await drained;
});

it('tells a client that was let in before it and is opened after it, too', async () => {
  const socket = new StubSocket();
  const { userId, tenantId } = ada;
  const identity = { userId, tenantId, isAdmin: false, isModerator: false, expiresInMs: 86_400_000 };
  const admission = await server.gateway.admit({ identity, dialect: 'v1' });
  if (admission.kind === 'refused') throw new Error(admission.why);
  socket.inbound = admission.open(socket);
  const drained = server.gateway.drain(options);
  while (!socket.text().includes('session.welcome')) await turns(1);
  await turns(1);
  const told = socket.envelopes().find(({ type }) => type === 'session.draining')?.data;
  expect(told).toEqual({
    reconnect_after_ms: expect.any(Number),
    deadline_ms: 20_000,
    reason: 'deploy',
  });
  expect(told?.reconnect_after_ms).toBeLessThan(10_000);
  socket.inbound.closed(1000);
  await drained;
});

it('refuses upgrades from its first moment, v1 as well, and says when to come back (B5.2)', async () => {
  const client = await server.v1(ada);
  const drained = server.gateway.drain(options);
  await expect(server.base(ada)).rejects.toThrow('503');
  await expect(server.v1(ada)).rejects.toThrow('503');
  const answer = await server.raw(
    `GET /v1/ws?token=${ada.token} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  expect(answer).toMatch(/Retry-After: 20\r\n/);
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
    code: 'ERR_HANDLER_FAILED',
    details: { reason: 'draining' },
  });
  await client.close();
  await drained;
});

it('lets nobody in who asked before it and was looked up meanwhile (B5.2)', async () => {
  await server.stop();
  let answer: ((live: boolean) => void) | undefined;
  server = await TestServer.start({
    operations: (real) => ({
      ...real,
      sessions: { ...real.sessions, isLive: () => new Promise((resolve) => (answer = resolve)) },
    }),
  });
  const { userId, tenantId } = ada;
  const identity = {
    userId,
    tenantId,
    isAdmin: false,
    isModerator: false,
    expiresInMs: 86_400_000,
    familyId: 'f',
  };
  const admission = server.gateway.admit({ identity, dialect: 'v1' });
  await server.gateway.stop();
  answer?.(true);
  expect(await admission).toMatchObject({ kind: 'refused', why: 'draining' });
});

it('is over as soon as everyone left', async () => {
  const clients = await Promise.all([server.v1(ada), server.v1(ada)]);
  const drained = server.gateway.drain(options);
  await Promise.all(clients.map((client) => client.close()));
  await drained;
  expect(server.gateway.stats()).toMatchObject({ connections: 0, rooms: 0 });
});

it('stops with 1001, also when somebody does not answer', async () => {
  const [polite, deaf] = [await server.base(ada), await server.base(ada)];
  await Promise.all([polite.fence(), deaf.fence()]);
  deaf.ws.pause();
  const stopped = server.gateway.stop();
  expect(await polite.closed).toEqual({ code: 1001, reason: 'going_away' });
  await server.clock.advance(2_000);
  await stopped;
  expect(server.gateway.stats().connections).toBe(0);
  deaf.ws.resume();
  await deaf.closed;
});
