import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Person, TestServer } from './testing/test-server.js';

// The same `sub` may come with tokens of two tenants: an issuer whose people belong to several of them.

let server: TestServer;
let ada: Person;
/** Someone of this server's tenant, and whoever has the same id elsewhere. */
let here: Person;
let elsewhere: { readonly userId: string; readonly tenantId: string; readonly token: string };

beforeEach(async () => {
  server = await TestServer.start();
  [ada, here] = [await server.person('ada'), await server.person('same')];
  const facts = { id: 'same', tenantId: 'other', isAdmin: false, isModerator: false };
  elsewhere = { userId: 'same', tenantId: 'other', token: await server.sign(facts, 3_600_000) };
});
afterEach(() => server.stop());

it('A3.3: joining puts nobody of another tenant into the room, though they have the same id', async () => {
  const network = await server.network(ada);
  const stranger = await server.v1(elsewhere);
  const mine = await server.v1(here);
  await Promise.all([stranger.fence(), mine.fence()]);
  await server.operations.networks.join(here, network.id);
  const owner = await server.base(ada);
  await owner.ask('chat.send', { scope: `network:${network.id}`, body: 'among us' });
  await mine.next((envelope) => envelope.data?.body === 'among us');
  await stranger.fence();
  expect(stranger.received.filter(({ type }) => type === 'member.joined' || type === 'chat.message')).toEqual(
    [],
  );
});

it('A3.3: nor is what happens to the one told to the other', async () => {
  const network = await server.network(ada, here);
  const stranger = await server.base(elsewhere);
  const mine = await server.base(here);
  await Promise.all([stranger.fence(), mine.fence()]);
  await server.operations.networks.kick(ada, network.id, 'same');
  await mine.next('member.left');
  await stranger.fence();
  expect(stranger.received.filter(({ type }) => /^(admin|member)/.test(type))).toEqual([]);
});

it('A4.1: each of the two has a presence of their own tenant', async () => {
  const witness = await server.v1(ada);
  const stranger = await server.base(elsewhere);
  await Promise.all([witness.fence(), stranger.fence()]);
  expect(witness.all('presence.update').map(({ data }) => data?.user_id)).toEqual(['ada']);
  const { data } = await witness.ask('presence.list', { room: 'tenant:acme' });
  expect(data).toMatchObject({ total: 1, members: [{ user_id: 'ada' }] });
  const mine = await server.base(here);
  await mine.fence();
  await witness.next((envelope) => envelope.type === 'presence.update' && envelope.data?.user_id === 'same');
});

it('A5.3: a token of the one renews no connection of the other, and stays good', async () => {
  const { refreshToken } = await server.operations.sessions.login('same@goconnect.example', 'password');
  const data = { refresh_token: refreshToken };
  const stranger = await server.v1(elsewhere);
  expect((await stranger.ask('auth.refresh', data)).error?.code).toBe('ERR_UNAUTHORIZED');
  expect((await stranger.ask('presence.list', { room: 'tenant:other' })).type).toBe('ack');
  const mine = await server.v1(here);
  expect((await mine.ask('auth.refresh', data)).type).toBe('ack');
  for (const client of [stranger, mine]) await client.close();
  await expect.poll(() => server.gateway.stats().connections).toBe(0);
});

it('A3.3: whoever is let in stays who they are, whatever the operations say', async () => {
  await server.stop();
  const pair = { refreshToken: 'r', expiresIn: 900 };
  const theirs = () =>
    server.sign({ id: 'same', tenantId: 'acme', isAdmin: false, isModerator: false }, 900_000);
  const refresh = async () => ({ ...pair, accessToken: await theirs() });
  server = await TestServer.start({
    operations: (real) => ({ ...real, sessions: { ...real.sessions, refresh } }),
  });
  const stranger = await server.v1(elsewhere);
  expect((await stranger.ask('auth.refresh', { refresh_token: 'x' })).error?.code).toBe('ERR_HANDLER_FAILED');
  expect((await stranger.ask('presence.list', { room: 'tenant:other' })).type).toBe('ack');
});

it('A3.7: a flag that somebody has in one tenant is none of the other', async () => {
  await server.person('chief', { isAdmin: true });
  const facts = { id: 'chief', tenantId: 'other', isAdmin: false, isModerator: false };
  const stranger = await server.base({ token: await server.sign(facts, 3_600_000) });
  const owner = await server.base(ada);
  const { data } = await owner.ask('chat.send', { scope: 'host', body: 'mine' });
  const redact = await stranger.ask('chat.redact', { message_id: data?.message_id, mask: '***' });
  expect(redact.error?.code).toBe('ERR_FORBIDDEN');
});

it('B4.1: what is remembered of the one is no answer for the other (A3.3)', async () => {
  const [mine, stranger] = [await server.v1(here), await server.v1(elsewhere)];
  const hall = { scope: 'host', body: 'the same words' };
  const first = await mine.ask('chat.send', hall, 'k');
  const second = await stranger.ask('chat.send', hall, 'k');
  expect([first.type, second.type]).toEqual(['ack', 'ack']);
  expect(second.data?.message_id).not.toBe(first.data?.message_id);
  await stranger.ask('chat.send', hall, 'j');
  expect((await mine.ask('chat.send', { ...hall, body: 'other words' }, 'j')).type).toBe('ack');
  // Each is still known to whose it is.
  expect((await mine.ask('chat.send', hall, 'k')).data).toEqual(first.data);
  expect((await stranger.ask('chat.send', hall, 'k')).data).toEqual(second.data);
  expect((await server.operations.chat.history(here, { scope: 'host' })).messages).toHaveLength(4);
});

it('B4.1: no user id is made so that it gets the answers of another tenant', async () => {
  const hall = { scope: 'host', body: 'hello' };
  const answers = [await (await server.v1(elsewhere)).ask('chat.send', hall, 'k')];
  for (const id of [
    'other same',
    'other:same',
    'other/same',
    'other,same',
    'other\\u001fsame',
    'othersame',
  ]) {
    const client = await server.v1(await server.person(id));
    answers.push(await client.ask('chat.send', hall, 'k'));
  }
  expect(new Set(answers.map(({ data }) => data?.message_id)).size).toBe(answers.length);
  const facts = { id: 'other\u001fsame', tenantId: here.tenantId, isAdmin: false, isModerator: false };
  const verified = await server.tokens.verify(await server.sign(facts, 900_000));
  expect(verified).toEqual({ ok: false, fault: 'invalid' });
});
