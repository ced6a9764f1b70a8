import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Operations } from '../operations/operations.js';
import { StubSocket } from './testing/stub-socket.js';
import { turns } from './testing/test-clock.js';
import { type Person, TestServer } from './testing/test-server.js';

let server: TestServer;
let ada: Person;

beforeEach(async () => {
  server = await TestServer.start();
  ada = await server.person('ada');
});
afterEach(() => server.stop());

const login = () => server.operations.sessions.login('ada@goconnect.example', 'password');

it('cuts off who does not answer the close frame, also when its token is renewed meanwhile', async () => {
  const socket = new StubSocket();
  await socket.enter(server, ada, 'v1');
  socket.close = () => {};
  const { refreshToken } = await login();
  const data = { refresh_token: refreshToken };
  socket.inbound?.text(JSON.stringify({ type: 'auth.refresh', op_id: 'r', data }));
  socket.inbound?.binary();
  // The refresh comes before it in the store.
  await login();
  await turns(10);
  await server.clock.advance(10_000);
  expect(socket.ended).toBe('terminated');
  expect(server.gateway.stats().connections).toBe(0);
});

it('closes with 4401 within 5 s after the token ran out unrefreshed (A5.4)', async () => {
  const client = await server.base({ token: await server.sign(ada, 30_000) });
  await client.fence();
  await server.clock.advance(29_000);
  expect((await client.ask('presence.ping')).type).toBe('presence.pong');
  await server.clock.advance(6_000);
  expect(await client.closed).toEqual({ code: 4401, reason: 'token_expired' });
});

it('moves the expiry with auth.refresh, and answers as published (A5.3)', async () => {
  const first = await login();
  const client = await server.base({ token: first.accessToken });
  await client.fence();
  await server.clock.advance(890_000);
  await client.fence();
  const { type, data } = await client.ask('auth.refresh', { refresh_token: first.refreshToken });
  expect([type, data]).toEqual([
    'ack',
    {
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      expires_in: 900,
      status: 'refreshed',
    },
  ]);
  for (let round = 0; round < 20; round++) {
    await server.clock.advance(44_000);
    await client.fence();
  }
  await server.clock.advance(30_000);
  expect((await client.closed).code).toBe(4401);
});

it('refuses the refresh token of somebody else, which stays good (A5.3)', async () => {
  await server.person('eve');
  const eve = await server.base({
    token: await server.sign({ id: 'eve', tenantId: 'acme', isAdmin: false, isModerator: false }, 900_000),
  });
  const mine = await login();
  const client = await server.base({ token: mine.accessToken });
  const stolen = await eve.ask('auth.refresh', { refresh_token: mine.refreshToken });
  expect(stolen.error?.code).toBe('ERR_UNAUTHORIZED');
  expect((await client.ask('auth.refresh', { refresh_token: mine.refreshToken })).type).toBe('ack');
});

it('gives the same pair again for the same op_id, and closes the family for another (A5.3)', async () => {
  const pair = await login();
  const [one, two] = [
    await server.v1({ token: pair.accessToken }),
    await server.base({ token: pair.accessToken }),
  ];
  const stranger = await server.base(ada);
  const refresh = { refresh_token: pair.refreshToken };
  const first = await one.ask('auth.refresh', refresh, 'r');
  expect((await one.ask('auth.refresh', refresh, 'r')).data).toEqual(first.data);
  const stolen = one.ask('auth.refresh', refresh, 'other');
  expect((await stolen).error?.code).toBe('ERR_UNAUTHORIZED');
  expect((await one.closed).code).toBe(4401);
  expect((await two.closed).code).toBe(4401);
  expect((await stranger.ask('presence.ping')).type).toBe('presence.pong');
  await expect(server.base({ token: pair.accessToken })).rejects.toThrow('401');
});

it('closes the connections of a login that was ended, and lets it open none (A5.3)', async () => {
  const pair = await login();
  const client = await server.base({ token: pair.accessToken });
  await client.fence();
  await server.operations.sessions.logout(ada, pair.refreshToken);
  expect((await client.closed).code).toBe(4401);
  await expect(server.base({ token: pair.accessToken })).rejects.toThrow('401');
});

it('closes one that went over to a login while that was ended, of which the word came too early (A5.3)', async () => {
  await server.stop();
  const sessions = (real: Operations['sessions']): Operations['sessions'] => ({
    ...real,
    async refresh(...given) {
      const pair = await real.refresh(...given);
      await real.logout(ada, pair.refreshToken);
      // The word of it has been heard before anything of this connection goes on.
      await turns(3);
      return pair;
    },
  });
  server = await TestServer.start({
    operations: (real) => ({ ...real, sessions: sessions(real.sessions) }),
  });
  ada = await server.person('ada');
  const [one, other] = [await login(), await login()];
  const client = await server.base({ token: one.accessToken });
  client.post('auth.refresh', { refresh_token: other.refreshToken });
  expect((await client.closed).code).toBe(4401);
});

it('closes them also when the bus lost the word of it (promise 8)', async () => {
  await server.stop();
  server = await TestServer.start({ bus: (real) => ({ ...real, publish: () => {} }) });
  ada = await server.person('ada');
  const pair = await login();
  const [client, other] = [await server.base({ token: pair.accessToken }), await server.base(ada)];
  await Promise.all([client.fence(), other.fence()]);
  await server.operations.sessions.logout(ada, pair.refreshToken);
  await server.clock.advance(10_000);
  expect((await client.closed).code).toBe(4401);
  await other.fence();
});

it('closes what the bus says, whatever the code', async () => {
  const [one, two] = [await server.base(ada), await server.v1(ada)];
  const other = await server.base(await server.person('grace'));
  await Promise.all([one.fence(), two.fence(), other.fence()]);
  server.bus.publish([{ kind: 'disconnect', userId: 'ada', code: 4503, reason: 'banned' }]);
  expect(await one.closed).toEqual({ code: 4503, reason: 'banned' });
  expect(await two.closed).toEqual({ code: 4503, reason: 'banned' });
  expect((await other.ask('presence.ping')).type).toBe('presence.pong');
});

it('lets nobody in whose login was ended while a place was looked for (A5.3)', async () => {
  await server.stop();
  server = await TestServer.start({ settings: { maxConnectionsPerUser: 1 } });
  ada = await server.person('ada');
  const zombie = await server.base(ada);
  await zombie.fence();
  zombie.ws.pause();
  await server.clock.advance(5_000);
  const pair = await login();
  const timers = server.clock.pending;
  const coming = server.base({ token: pair.accessToken });
  // Of the upgrade, of the admission and of the probe.
  await expect.poll(() => server.clock.pending).toBe(timers + 3);
  await server.operations.sessions.logout(ada, pair.refreshToken);
  await turns(3);
  await server.clock.advance(2_000);
  expect((await (await coming).closed).code).toBe(4401);
  zombie.ws.resume();
  await zombie.closed;
});
