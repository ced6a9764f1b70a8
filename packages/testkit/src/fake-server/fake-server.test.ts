import { afterEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { matchers } from '../matchers/matchers.js';
import type { SocketEndpoint } from '../network/socket-endpoint.js';
import { isVirtualClock } from '../time/virtual-clock.js';
import { createFakeServer } from './create-fake-server.js';
import { makeError, makeEvent, makeReply, makeRequest } from './factories.js';
import type { FakeServer } from './fake-server.js';
import type { MemoryServerOptions } from './server-options.js';

expect.extend(matchers);
interface OwnMatchers {
  toHaveReceived(type: string, where?: object): void;
  toHaveReceivedTimes(type: string, times: number, where?: object): void;
}
const expectServer = (of: FakeServer) => expect(of) as unknown as OwnMatchers & { not: OwnMatchers };

type Envelope = {
  type: string;
  op_id?: string;
  data: Record<string, never>;
  error?: { code: string; details: Record<string, unknown> };
  room?: string;
  seq?: number;
};

const open: { close(): unknown }[] = [];
let server: FakeServer;

afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await server.close();
  if (isVirtualClock(server.clock)) expect(server.clock.close(), 'no timer is left').toEqual([]);
});

/** A client that knows nothing but frames. */
async function dial(userId: string, { v1 = true, query = '', token = server.token(userId) } = {}) {
  const url = `${server.url}?token=${token}${query}`;
  const socket = server.WebSocket
    ? new server.WebSocket(url, v1 ? ['goconnect.v1'] : [])
    : (new WebSocket(url, v1 ? ['goconnect.v1'] : []) as unknown as SocketEndpoint);
  open.push(socket);
  const got: Envelope[] = [];
  const frames: string[] = [];
  const closes: number[] = [];
  let heard = () => {};
  socket.onmessage = ({ data }) => {
    frames.push(String(data));
    try {
      got.push(JSON.parse(String(data)));
    } catch {}
    heard();
  };
  socket.onclose = ({ code }) => {
    closes.push(code);
    heard();
  };
  const until = async <T>(find: () => T | undefined | false): Promise<T> => {
    for (let value = find(); ; value = find()) {
      if (value) return value;
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  let ops = 0;
  const request = async (type: string, data: object, opId = `op-${++ops}`) => {
    const before = got.length;
    socket.send(JSON.stringify({ type, op_id: opId, data }));
    return until(() => got.slice(before).find((one) => one.op_id === opId));
  };
  const event = (type: string) => until(() => got.find((one) => one.type === type));
  socket.onerror = () => {};
  await new Promise<void>((resolve) => {
    socket.onopen = () => resolve();
    if (socket.readyState === 1) resolve();
    socket.addEventListener('close', () => resolve());
  });
  return { socket, got, frames, closes, until, request, event, closed: () => until(() => closes[0]) };
}

const memory = (options: MemoryServerOptions = {}) => {
  server = createFakeServer(options);
};

describe.each(['memory', 'ws'] as const)('the contract over %s', (transport) => {
  const start = async (options: { v1?: boolean } = {}) => {
    server = await (transport === 'ws'
      ? createFakeServer({ ...options, transport: 'ws' })
      : createFakeServer(options));
  };

  it('carries a message from one user to another, with ack, place and history', async () => {
    await start();
    const [ada, grace] = [await dial('ada'), await dial('grace')];
    expect(await ada.event('session.welcome')).toMatchObject({
      data: {
        user_id: 'ada',
        rooms: [
          { room: 'host', seq: 0 },
          { room: 'tenant:demo' },
          { room: 'network:lobby' },
          { room: 'network:attic' },
        ],
      },
    });
    const ack = await ada.request('chat.send', { scope: 'network:lobby', body: 'hi' });
    expect(ack).toMatchObject({ type: 'ack', data: { status: 'sent' } });
    const seen = await grace.event('chat.message');
    expect(seen).toMatchObject({
      room: 'network:lobby',
      seq: 1,
      data: {
        id: ack.data.message_id,
        user_id: 'ada',
        body: 'hi',
        redacted: false,
        deleted_at: null,
        attachments: [],
      },
    });
    const page = await grace.request('chat.history', { scope: 'network:lobby' });
    expect(page.data).toMatchObject({ messages: [{ body: 'hi' }], next: null });
  });

  it('B1.1: speaks the published contract alone when v1 is not offered or not known', async () => {
    await start({ v1: false });
    // Browsers and ws refuse a server that selects none of what they offered: a client has to dial again without.
    expect(await (await dial('ada')).closed()).toBe(1006);
    const ada = await dial('ada', { v1: false });
    expect(ada.socket.protocol).toBe('');
    await ada.request('chat.send', { scope: 'host', body: 'hi' });
    expect(await ada.event('chat.message')).not.toHaveProperty('seq');
    expect(ada.got.map(({ type }) => type).slice(0, 2)).toEqual(['ack', 'chat.message']);
    expect(await ada.request('presence.ping', {})).toMatchObject({
      type: 'presence.pong',
      data: { timestamp: expect.any(String) },
    });
  });

  it('A5.2, B1.3: refuses a bad token by failing a base upgrade and by a close code on v1', async () => {
    await start();
    const base = await dial('ada', { token: 'nonsense', v1: false });
    expect(await base.closed()).toBe(1006);
    const v1 = await dial('ada', { token: 'nonsense' });
    expect(await v1.closed()).toBe(4501);
  });

  it('A1.2: closes on a binary frame with 1003 and on a huge one with 1009', async () => {
    await start();
    const ada = await dial('ada');
    ada.socket.send(new Uint8Array([1]));
    expect(await ada.closed()).toBe(1003);
    const grace = await dial('grace');
    grace.socket.send('x'.repeat(600_000));
    expect(await grace.closed()).toBe(1009);
  });

  it('restarts at the same address, with or without its log', async () => {
    await start();
    const ada = await dial('ada');
    await ada.request('chat.send', { scope: 'host', body: 'hi' });
    const [{ epoch }] = (await ada.event('session.welcome')).data.rooms as unknown as [{ epoch: string }];
    await server.restart();
    expect(await ada.closed()).toBe(1006);
    const again = await dial('ada');
    expect((await again.event('session.welcome')).data.rooms).toContainEqual({ room: 'host', epoch, seq: 1 });
    await server.restart({ keepLog: false });
    const fresh = await dial('ada');
    const [host] = (await fresh.event('session.welcome')).data.rooms as unknown as [
      { epoch: string; seq: number },
    ];
    expect(host.seq).toBe(0);
    expect(host.epoch).not.toBe(epoch);
  });
});

describe('the contract', () => {
  it('A3.4, A3.5: lets only members in and says no more than they may know', async () => {
    memory({
      networks: [{ id: 'pub' }, { id: 'priv', visibility: 'private' }, { id: 'far', tenantId: 'other' }],
    });
    const ada = await dial('ada');
    const code = async (type: string, data: object) => (await ada.request(type, data)).error?.code;
    expect(await code('room.join', { room: 'network:pub' })).toBe('ERR_FORBIDDEN');
    expect(await code('room.join', { room: 'network:priv' })).toBe('ERR_NOT_FOUND');
    expect(await code('room.join', { room: 'network:far' })).toBe('ERR_NOT_FOUND');
    expect(await code('chat.send', { scope: 'network:nowhere', body: 'x' })).toBe('ERR_NOT_FOUND');
    expect(await code('room.join', { room: 'tenant:other' })).toBe('ERR_NOT_FOUND');
  });

  it('A3.6, A3.7: edit, delete and redact by those who may, told to everyone', async () => {
    memory();
    const [ada, grace, linus] = [await dial('ada'), await dial('grace'), await dial('linus')];
    const { data } = await linus.request('chat.send', { scope: 'network:lobby', body: 'draft' });
    const message_id = data.message_id;
    expect(await grace.request('chat.edit', { message_id, new_body: 'x' })).toMatchObject({
      error: { code: 'ERR_FORBIDDEN' },
    });
    expect(await linus.request('chat.edit', { message_id, new_body: 'final' })).toMatchObject({
      data: { status: 'edited' },
    });
    expect(await linus.request('chat.redact', { message_id, mask: '***' })).toMatchObject({
      error: { code: 'ERR_FORBIDDEN' },
    });
    expect(await grace.request('chat.redact', { message_id, mask: '***' })).toMatchObject({
      data: { status: 'redacted', redaction_mask: '***' },
    });
    expect(await linus.request('chat.edit', { message_id, new_body: 'again' })).toMatchObject({
      error: { code: 'ERR_FORBIDDEN' },
    });
    const adas = await ada.request('chat.send', { scope: 'network:lobby', body: 'boss' });
    expect(
      await grace.request('chat.delete', { message_id: adas.data.message_id, mode: 'soft' }),
    ).toMatchObject({ error: { code: 'ERR_FORBIDDEN' } });
    expect(await ada.request('chat.delete', { message_id, mode: 'hard' })).toMatchObject({
      data: { mode: 'hard' },
    });
    await ada.event('chat.deleted');
    expect(ada.got.filter(({ seq }) => seq !== undefined).map(({ type, seq }) => `${seq} ${type}`)).toEqual([
      '1 chat.message',
      '2 chat.edited',
      '3 chat.redacted',
      '4 chat.message',
      '5 chat.deleted',
    ]);
  });

  it('B4.1: gives a repeat the same ack and no second effect, across connections; without v1 only within one', async () => {
    memory();
    const ada = await dial('ada');
    const first = await ada.request('chat.send', { scope: 'host', body: 'once' }, 'key');
    const later = await dial('ada');
    expect(await later.request('chat.send', { scope: 'host', body: 'once' }, 'key')).toEqual(first);
    expect(await later.request('chat.send', { scope: 'host', body: 'other' }, 'key')).toMatchObject({
      error: { code: 'ERR_INVALID_MESSAGE', details: { reason: 'op_id_reused' } },
    });
    expect(ada.got.filter(({ type }) => type === 'chat.message')).toHaveLength(1);
    const [one, two] = [await dial('grace', { v1: false }), await dial('grace', { v1: false })];
    const id = (await one.request('chat.send', { scope: 'host', body: 'a' }, 'op-1')).data.message_id;
    expect((await one.request('chat.send', { scope: 'host', body: 'a' }, 'op-1')).data.message_id).toBe(id);
    expect((await two.request('chat.send', { scope: 'host', body: 'a' }, 'op-1')).data.message_id).not.toBe(
      id,
    );
  });

  it('B3.3, B3.4: resumes what was missed in order, says gap where it cannot and denied where it must not', async () => {
    memory({ networks: [{ id: 'lobby', members: { ada: 'owner', grace: 'member' } }] });
    const ada = await dial('ada');
    const rooms = (await ada.event('session.welcome')).data.rooms as unknown as {
      room: string;
      epoch: string;
      seq: number;
    }[];
    const [host, , lobby] = rooms;
    ada.socket.close();
    for (const body of ['1', '2', '3']) server.say('network:lobby', 'grace', body);
    const back = await dial('ada');
    const foreign = { room: 'network:elsewhere', epoch: 'e', seq: 0 };
    const ack = await back.request('session.resume', {
      positions: [{ ...host, epoch: 'lost' }, lobby, foreign],
    });
    expect(ack.data.rooms).toMatchObject([
      { room: 'host', status: 'gap' },
      { room: 'network:lobby', status: 'recovered', seq: 3 },
      { room: 'network:elsewhere', status: 'denied' },
    ]);
    expect(back.got.slice(1).map(({ type, seq }) => [type, seq])).toEqual([
      ['chat.message', 1],
      ['chat.message', 2],
      ['chat.message', 3],
      ['ack', undefined],
    ]);
    server.forgetLog('network:lobby', 2);
    expect((await back.request('session.resume', { positions: [lobby] })).data.rooms).toMatchObject([
      { status: 'gap', from: 3 },
    ]);
  });

  it('A3.2, A4.2: lets members in live and removes them at a point of the order', async () => {
    memory();
    const [ada, linus] = [await dial('ada'), await dial('linus')];
    server.addMember('attic', 'linus');
    server.removeMember('attic', 'linus', 'kick', 'enough');
    server.say('network:attic', 'ada', 'he is gone');
    await ada.event('chat.message');
    const types = (client: typeof ada) =>
      client.got.filter(({ room }) => room === 'network:attic').map(({ type }) => type);
    expect(types(ada)).toEqual(['member.joined', 'admin.kick', 'member.left', 'chat.message']);
    expect(types(linus)).toEqual(['member.joined', 'admin.kick', 'member.left']);
    const request_id = server.askToJoin('attic', 'grace');
    expect((await ada.event('request.join.pending')).data).toMatchObject({ request_id, user_id: 'grace' });
    expect(linus.got.some(({ type }) => type === 'request.join.pending')).toBe(false);
  });

  it('A4.1: presence is per user, offline at once after a clean close and after 15 s otherwise', async () => {
    memory();
    const watcher = await dial('grace');
    const clock = server.clock as import('../time/virtual-clock.js').VirtualClock;
    const [one, two] = [await dial('ada'), await dial('ada')];
    one.socket.close(1000);
    two.socket.close(1000);
    await clock.advance(0);
    const third = await dial('ada');
    server.breakConnections({ user: 'ada' });
    await clock.advance(14_999);
    await dial('ada').then(({ socket }) => socket.close(1000));
    await clock.advance(0);
    void third;
    const told = () =>
      watcher.got
        .filter(
          ({ type, data }) =>
            type === 'presence.update' && (data as unknown as { user_id: string }).user_id === 'ada',
        )
        .map(({ data }) => data.status);
    expect(told()).toEqual(['online', 'offline', 'online', 'offline']);
    const last = await dial('ada');
    server.breakConnections({ user: 'ada' });
    await clock.advance(15_000);
    void last;
    expect(told()).toEqual(['online', 'offline', 'online', 'offline', 'online', 'offline']);
  });

  it('A3.3: tells nobody of people of another tenant', async () => {
    memory();
    server.addUser({ id: 'foreigner', tenantId: 'elsewhere' });
    const [ada] = [await dial('ada'), await dial('foreigner')];
    expect((await ada.request('presence.list', { room: 'host' })).data).toMatchObject({ total: 1 });
  });

  it('A6.2, A2.4: admits exactly 100 a minute in any window and says when to come back', async () => {
    memory();
    const clock = server.clock as import('../time/virtual-clock.js').VirtualClock;
    const ada = await dial('ada');
    for (let index = 0; index < 50; index++) await ada.request('chat.send', { scope: 'host', body: 'x' });
    await clock.advance(30_000);
    for (let index = 0; index < 50; index++) await ada.request('chat.send', { scope: 'host', body: 'x' });
    const refused = await ada.request('chat.send', { scope: 'host', body: 'x' });
    expect(refused.error).toMatchObject({ code: 'ERR_RATE_LIMIT', details: { retry_after_ms: 30_000 } });
    await clock.advance(29_999);
    expect((await ada.request('chat.send', { scope: 'host', body: 'x' })).error?.code).toBe('ERR_RATE_LIMIT');
    await clock.advance(1);
    expect((await ada.request('chat.send', { scope: 'host', body: 'x' })).type).toBe('ack');
  });

  it('A5.3: rotates refresh tokens, forgives a lost ack, and revokes the family of a reused one', async () => {
    memory();
    const clock = server.clock as import('../time/virtual-clock.js').VirtualClock;
    const { accessToken: token, refreshToken: refresh_token } = server.tokens('ada');
    const ada = await dial('ada', { token });
    const first = await ada.request('auth.refresh', { refresh_token }, 'r1');
    expect(first.data).toMatchObject({ status: 'refreshed', expires_in: 900 });
    expect(await ada.request('auth.refresh', { refresh_token }, 'r1')).toEqual(first);
    await clock.advance(10_001);
    ada.socket.send(JSON.stringify(makeRequest('auth.refresh', { refresh_token }, 'r2')));
    expect(await ada.closed()).toBe(4401);
  });

  it('A5.4: closes with 4401 when a token runs out', async () => {
    memory();
    const clock = server.clock as import('../time/virtual-clock.js').VirtualClock;
    const ada = await dial('ada', { token: server.token('ada', { expiresIn: 60 }) });
    await clock.advance(59_999);
    expect(ada.closes).toEqual([]);
    await clock.advance(1);
    expect(ada.closes).toEqual([4401]);
  });

  it('A6.5: a twin of the same client replaces the older one, and the sixth connection is refused', async () => {
    memory();
    const first = await dial('ada', { query: '&client_id=one' });
    await dial('ada', { query: '&client_id=one' });
    expect(await first.closed()).toBe(4409);
    for (let index = 0; index < 4; index++) await dial('ada');
    expect(await (await dial('ada')).closed()).toBe(4429);
  });

  it('A1.5: answers faults with the field, keeps the connection, and closes after more than 20 in 10 s', async () => {
    memory();
    const ada = await dial('ada');
    expect((await ada.request('chat.send', { scope: 'host', body: '' })).error).toMatchObject({
      code: 'ERR_INVALID_MESSAGE',
      details: { field: 'data.body', reason: 'validation' },
    });
    for (let index = 0; index < 19; index++) ada.socket.send('{');
    await ada.request('presence.ping', {});
    expect(ada.closes).toEqual([]);
    ada.socket.send('{');
    expect(await ada.closed()).toBe(4400);
  });
});

describe('a script', () => {
  const ask = async (client: Awaited<ReturnType<typeof dial>>) =>
    client.request('chat.send', { scope: 'host', body: 'x' });

  it('replies, fails so many times, and lets others pass first', async () => {
    memory();
    const ada = await dial('ada');
    server.when('chat.send').times(2).fail('ERR_HANDLER_FAILED', { correlation_id: 'c' });
    expect((await ask(ada)).error).toMatchObject({
      code: 'ERR_HANDLER_FAILED',
      details: { correlation_id: 'c' },
    });
    expect((await ask(ada)).error).toBeDefined();
    expect((await ask(ada)).type).toBe('ack');
    server.when('chat.send').after(1).times(1).reply({ message_id: 'mine', status: 'sent' });
    expect((await ask(ada)).data.message_id).not.toBe('mine');
    expect((await ask(ada)).data.message_id).toBe('mine');
    expect((await ask(ada)).data.message_id).not.toBe('mine');
    await ada.request('presence.ping', {});
    expect(ada.got.filter(({ type }) => type === 'chat.message')).toHaveLength(3);
  });

  it('only catches requests with the given data, and stops when told to behave', async () => {
    memory();
    const ada = await dial('ada');
    const handle = server.when('chat.send', { body: 'bad' }).fail('ERR_FORBIDDEN');
    expect((await ada.request('chat.send', { scope: 'host', body: 'good' })).type).toBe('ack');
    expect((await ada.request('chat.send', { scope: 'host', body: 'bad' })).error?.code).toBe(
      'ERR_FORBIDDEN',
    );
    expect(handle.used).toBe(1);
    server.behave();
    expect((await ada.request('chat.send', { scope: 'host', body: 'bad' })).type).toBe('ack');
  });

  it('never answers, with or without the effect', async () => {
    memory();
    const ada = await dial('ada');
    server.when('chat.send').times(1).never();
    server.when('chat.send', { body: 'lost ack' }).never({ effect: true });
    ada.socket.send(JSON.stringify(makeRequest('chat.send', {}, 'a')));
    ada.socket.send(JSON.stringify(makeRequest('chat.send', { body: 'lost ack' }, 'b')));
    expect((await ada.event('chat.message')).data.body).toBe('lost ack');
    expect(ada.got.some(({ op_id }) => op_id !== undefined)).toBe(false);
  });

  it('delays on the clock, answers twice, answers to somebody else, answers nonsense', async () => {
    memory();
    const clock = server.clock as import('../time/virtual-clock.js').VirtualClock;
    const ada = await dial('ada');
    const answers = () => ada.got.filter(({ op_id }) => op_id !== undefined).map(({ op_id }) => op_id);
    server.when('chat.send').times(1).delay(500);
    ada.socket.send(JSON.stringify(makeRequest('chat.send', {}, 'slow')));
    await clock.advance(499);
    expect(answers()).toEqual([]);
    await clock.advance(1);
    expect(answers()).toEqual(['slow']);
    server.when('presence.ping').times(1).twice();
    await ada.request('presence.ping', {}, 'two');
    server.when('presence.ping').times(1).withOpId('stranger');
    ada.socket.send(JSON.stringify(makeRequest('presence.ping', {}, 'three')));
    server.when('presence.list').raw('][');
    ada.socket.send(JSON.stringify(makeRequest('presence.list', {}, 'four')));
    await clock.advance(0);
    expect(answers()).toEqual(['slow', 'two', 'two', 'stranger']);
    expect(ada.frames.at(-1)).toBe('][');
  });

  it('disconnects after the effect and closes with a code', async () => {
    memory();
    const [ada, grace] = [await dial('ada'), await dial('grace')];
    server.when('chat.send').times(1).disconnect({ effect: true });
    ada.socket.send(JSON.stringify(makeRequest('chat.send', { body: 'took effect' })));
    expect(await ada.closed()).toBe(1006);
    expect((await grace.event('chat.message')).data.body).toBe('took effect');
    expect(ada.got.some(({ type }) => type === 'ack')).toBe(false);
    server.when('chat.send').close(1011, 'oops');
    grace.socket.send(JSON.stringify(makeRequest('chat.send')));
    expect(await grace.closed()).toBe(1011);
  });
});

describe('what a test can do to clients', () => {
  it('sends any event, garbage, newline-joined envelopes and binary, to whom it wants', async () => {
    memory();
    const [ada, grace] = [await dial('ada'), await dial('grace')];
    server.send('chat.message', { body: 'for ada' }, { user: 'ada', room: 'host', seq: 7 });
    server.sendRaw('garbage', { user: 'grace' });
    server.sendTogether([makeEvent('member.left'), makeError('ERR_RATE_LIMIT'), makeReply('chat.send')], {
      connection: 2,
    });
    await (server.clock as import('../time/virtual-clock.js').VirtualClock).advance(0);
    expect(ada.got.at(-1)).toMatchObject({
      type: 'chat.message',
      data: { body: 'for ada' },
      room: 'host',
      seq: 7,
    });
    expect(grace.frames.slice(-2)[0]).toBe('garbage');
    expect(grace.frames.at(-1)?.split('\n')).toHaveLength(3);
    expect(() => server.sendRaw('x', { connection: 9 })).toThrow(/Connection 9 is not open\. Open are: 1, 2/);
  });

  it('B5.1: drains: tells each its own time, closes with 4412 at the deadline', async () => {
    memory();
    const clock = server.clock as import('../time/virtual-clock.js').VirtualClock;
    const [ada, grace] = [await dial('ada'), await dial('grace')];
    server.drain({ spreadMs: 1_000_000, deadlineMs: 5_000 });
    const times = [(await ada.event('session.draining')).data, (await grace.event('session.draining')).data];
    expect(times[0]).not.toEqual(times[1]);
    const next = await dial('ada');
    await clock.advance(5_000);
    expect([ada.closes, grace.closes, next.closes]).toEqual([[4412], [4412], []]);
  });

  it('expires tokens: connections end and the tokens are dead', async () => {
    memory();
    const token = server.token('ada');
    const ada = await dial('ada', { token });
    server.expireTokens('ada');
    expect(await ada.closed()).toBe(4401);
    expect(await (await dial('ada', { token })).closed()).toBe(4401);
    expect((await dial('ada')).closes).toEqual([]);
  });

  it('changes limits under way', async () => {
    memory();
    const ada = await dial('ada');
    server.limit({ messagesPerMinute: 1 });
    await ada.request('room.join', { room: 'host' });
    expect((await ada.request('room.join', { room: 'host' })).error?.code).toBe('ERR_RATE_LIMIT');
  });

  it('stays down for as long as it is told', async () => {
    memory();
    const clock = server.clock as import('../time/virtual-clock.js').VirtualClock;
    await server.restart({ downMs: 1_000 });
    expect(await (await dial('ada')).closed()).toBe(1006);
    await clock.advance(1_000);
    expect((await dial('ada')).socket.readyState).toBe(1);
  });
});

describe('what a test can see', () => {
  it('keeps what was received, typed, and waits for more with a deadline of the clock', async () => {
    memory();
    const ada = await dial('ada');
    const waiting = server.waitFor('chat.send', { body: 'second' });
    for (const body of ['first', 'second'])
      ada.socket.send(JSON.stringify(makeRequest('chat.send', { body }, body)));
    expect((await waiting).data.body).toBe('second');
    expect(server.received.map(({ op_id, userId, connection }) => [op_id, userId, connection])).toEqual([
      ['first', 'ada', 1],
      ['second', 'ada', 1],
    ]);
    expectServer(server).toHaveReceived('chat.send', { body: 'first' });
    expectServer(server).toHaveReceived('chat.send', { body: expect.stringMatching(/^sec/) });
    expectServer(server).not.toHaveReceived('chat.edit');
    expectServer(server).toHaveReceivedTimes('chat.send', 2);
    expect(() => expectServer(server).toHaveReceived('chat.send', { body: 'third' })).toThrow(
      /to receive chat\.send with \{"body":"third"\}[\s\S]*first/,
    );
    const before = server.clock.monotonic();
    await expect(server.waitFor('chat.edit', {}, { deadlineMs: 5_000 })).rejects.toThrow(
      /No chat\.edit arrived within 5000 ms; the last received were chat\.send .*second/,
    );
    expect(server.clock.monotonic() - before).toBe(5_000);
  });

  it('never shows a token in the message of a missed deadline', async () => {
    memory();
    const ada = await dial('ada');
    const { refreshToken } = server.tokens('ada');
    await ada.request('auth.refresh', { refresh_token: refreshToken });
    await expect(server.waitFor('chat.edit')).rejects.toThrow(/auth\.refresh \{"refresh_token":"<token>"\}/);
  });
});

describe('bad use', () => {
  it.each([
    [() => server.token('nobody'), /no user "nobody".*ada, grace, linus/],
    [() => server.addMember('nowhere', 'ada'), /no network "nowhere".*lobby, attic/],
    [() => createFakeServer({ clok: 1 } as never), /no option "clok".*transport, clock/],
    [
      () => createFakeServer({ network: server.network as never }),
      /already listens at goconnect\.test.*another address/,
    ],
  ])('%s says what to do', (use, message) => {
    memory();
    expect(use).toThrow(message);
  });

  it('refuses a second server on a port', async () => {
    server = await createFakeServer({ transport: 'ws' });
    const port = Number(new URL(server.url).port);
    await expect(createFakeServer({ transport: 'ws', port })).rejects.toMatchObject({
      code: 'port_taken',
      remedy: expect.stringContaining('leave the port out'),
    });
  });

  it.each([99, 1005, 1006, 5000, Number.NaN])('refuses to close with the code %s', (code) => {
    const server = createFakeServer();
    expect(() => server.closeConnections(code)).toThrow(
      /closeConnections\(\)\.code is .*breakConnections\(\) ends/,
    );
  });

  it('refuses to make a client of nobody', () => {
    expect(() => createFakeServer().clientOptions('nobody')).toThrow(/no user "nobody".*ada, grace, linus/);
  });

  it('refuses to restart once closed', async () => {
    memory();
    await server.close();
    await expect(server.restart()).rejects.toMatchObject({ code: 'server_closed' });
  });
});
