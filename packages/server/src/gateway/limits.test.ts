import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChatOperations, Operations } from '../operations/operations.js';
import { StubSocket } from './testing/stub-socket.js';
import type { TestClient } from './testing/test-client.js';
import { turns } from './testing/test-clock.js';
import { TestServer } from './testing/test-server.js';

let server: TestServer;
afterEach(() => server.stop());

const start = async (options = {}) => {
  server = await TestServer.start(options);
  return await server.person('ada');
};

const limited = (client: TestClient) =>
  client.received.filter(({ error }) => error?.code === 'ERR_RATE_LIMIT');

describe('100 messages a minute (A6.2)', () => {
  it('accepts 100, then says when the next is accepted, and is right (A2.4)', async () => {
    const client = await server_with_client();
    for (let count = 0; count < 100; count++) {
      client.post('room.leave', { room: 'tenant:x' });
      if (count % 10 === 9) {
        await client.next((one) => one.op_id === `op-${count + 1}`);
        await server.clock.advance(100);
      }
    }
    const { error } = await client.ask('room.leave', { room: 'tenant:x' });
    const wait = Number(error?.details.retry_after_ms);
    expect(error?.code).toBe('ERR_RATE_LIMIT');
    expect(wait).toBe(59_000);
    await server.clock.advance(wait - 1);
    expect((await client.ask('room.leave', { room: 'tenant:x' })).error?.details.retry_after_ms).toBe(1);
    await server.clock.advance(1);
    expect((await client.ask('room.leave', { room: 'tenant:x' })).type).toBe('ack');
  });

  it('lets no window of 60 s have more than 100, also across its seams', async () => {
    const client = await server_with_client();
    const accepted: number[] = [];
    for (let step = 0; step < 30; step++) {
      const ids = Array.from({ length: 9 }, () => client.post('room.leave', { room: 'tenant:x' }));
      for (const id of ids) {
        const answer = await client.next((one) => one.op_id === id);
        if (answer.type === 'ack') accepted.push(server.clock.monotonic());
      }
      await server.clock.advance(7_000);
    }
    for (const from of accepted) {
      expect(accepted.filter((time) => time >= from && time < from + 60_000).length).toBeLessThanOrEqual(100);
    }
    expect(accepted.length).toBeGreaterThan(250);
  });

  it('counts neither pings nor what was refused, and each connection by itself', async () => {
    const client = await server_with_client();
    for (let count = 0; count < 15; count++) client.send('{');
    for (let count = 0; count < 100; count++) client.post('room.leave', { room: 'tenant:x' });
    expect((await client.ask('presence.ping')).type).toBe('presence.pong');
    expect(limited(client)).toEqual([]);
    expect((await client.ask('room.leave', { room: 'tenant:x' })).error?.code).toBe('ERR_RATE_LIMIT');
    const other = await server.base({
      token: await server.sign({ id: 'ada', tenantId: 'acme', isAdmin: false, isModerator: false }, 60_000),
    });
    expect((await other.ask('room.leave', { room: 'tenant:x' })).type).toBe('ack');
  });

  it('lets one ping a second through', async () => {
    const client = await server_with_client();
    expect((await client.ask('presence.ping')).type).toBe('presence.pong');
    const { error } = await client.ask('presence.ping');
    expect(error?.details.retry_after_ms).toBe(1_000);
    await server.clock.advance(1_000);
    expect((await client.ask('presence.ping')).type).toBe('presence.pong');
  });

  it('answers repeats of committed operations past the limit, 200 a minute', async () => {
    const ada = await start();
    const client = await server.v1(ada);
    const say = (opId: string) => client.ask('chat.send', { scope: 'host', body: 'x' }, opId);
    const first = await say('first');
    // None of these uses up what new messages may use.
    for (let count = 0; count < 150; count++) expect((await say('first')).data).toEqual(first.data);
    for (let count = 0; count < 99; count++) expect((await say(`more ${count}`)).type).toBe('ack');
    expect((await say('one too many')).error?.details.retry_after_ms).toBe(60_000);
    for (let count = 0; count < 49; count++) expect((await say('first')).data).toEqual(first.data);
    expect((await say('first')).error?.code).toBe('ERR_RATE_LIMIT');
    await server.clock.advance(60_000);
    expect((await say('one too many')).type).toBe('ack');
  });

  it('tells whoever has too many under way when their own limit lets them, too (A2.4)', async () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const operations = (real: Operations): Operations => {
      const send: ChatOperations['send'] = async (context, data) => {
        await opened;
        return await real.chat.send(context, data);
      };
      return { ...real, chat: { ...real.chat, send } };
    };
    const ada = await start({ operations });
    const client = await server.v1(ada);
    const say = (count: number) => client.post('chat.send', { scope: 'host', body: 'x' }, `say ${count}`);
    for (let count = 1; count <= 257; count++) say(count);
    const refused = await client.next('error');
    expect([refused.op_id, refused.error?.details.retry_after_ms]).toEqual(['say 257', 60_000]);
    expect((await client.ask('presence.ping')).error?.details.retry_after_ms).toBe(1_000);
    open();
    await client.next(({ op_id }) => op_id === 'say 256');
    expect((await client.ask('presence.ping')).type).toBe('presence.pong');
    await server.clock.advance(60_000);
    say(257);
    expect((await client.next(({ op_id }) => op_id === 'say 257')).type).toBe('ack');
  });

  it.each([
    { limit: 100, windowMs: 60_000, announced: 100 },
    { limit: 30, windowMs: 5_000, announced: 30 },
    { limit: 10, windowMs: 90_000, announced: 5 },
    { limit: 90, windowMs: 3_600_000, announced: 1 },
    { limit: 30, windowMs: 3_600_000, announced: 1 },
  ])(
    'announces as many as may be sent at once each minute: $limit in $windowMs ms (B2)',
    async ({ announced, ...rate }) => {
      const ada = await start({ settings: { clientRate: rate, networkRate: rate, pongWaitMs: 120_000 } });
      const client = await server.v1(ada);
      expect(client.received[0]?.data?.limits).toMatchObject({
        messages_per_minute: announced,
        network_messages_per_minute: announced,
      });
      for (let minute = 0; minute < 4; minute++) {
        for (let count = 0; count < announced; count++) {
          expect((await client.ask('room.leave', { room: 'tenant:x' })).type).toBe('ack');
        }
        await server.clock.advance(60_000);
      }
    },
  );

  async function server_with_client(): Promise<TestClient> {
    return await start().then((ada) => server.base(ada));
  }
});

describe('messages of a network (A6.2)', () => {
  it('accepts so many from all together, edits included, and says when the next is accepted', async () => {
    const ada = await start({ settings: { networkRate: { limit: 10, windowMs: 60_000 } } });
    const grace = await server.person('grace');
    const network = await server.network(ada, grace);
    const scope = `network:${network.id}`;
    const [one, two] = [await server.v1(ada), await server.v1(grace)];
    const sent = await one.ask('chat.send', { scope, body: 'x' });
    await server.clock.advance(1_000);
    for (let count = 0; count < 8; count++)
      expect((await two.ask('chat.send', { scope, body: 'x' })).type).toBe('ack');
    const edit = { message_id: sent.data?.message_id, new_body: 'y' };
    expect((await one.ask('chat.edit', edit)).type).toBe('ack');
    const { error } = await two.ask('chat.send', { scope, body: 'x' }, 'late');
    expect(error).toMatchObject({ code: 'ERR_RATE_LIMIT', details: { retry_after_ms: 59_000 } });
    expect((await one.ask('chat.edit', edit)).error?.code).toBe('ERR_RATE_LIMIT');
    // Elsewhere nobody is limited by it, and a repeat enters nothing.
    expect((await two.ask('chat.send', { scope: 'host', body: 'x' })).type).toBe('ack');
    expect((await two.ask('chat.send', { scope, body: 'x' }, 'op-1')).type).toBe('ack');
    await server.clock.advance(59_000);
    expect((await two.ask('chat.send', { scope, body: 'x' }, 'late')).type).toBe('ack');
  });

  it('takes nothing from the connection for what the network refused (A2.4)', async () => {
    const rate = (limit: number) => ({ limit, windowMs: 60_000 });
    const ada = await start({ settings: { clientRate: rate(3), networkRate: rate(1) } });
    const scope = `network:${(await server.network(ada)).id}`;
    const client = await server.base(ada);
    expect((await client.ask('chat.send', { scope, body: 'x' })).type).toBe('ack');
    for (let count = 0; count < 5; count++) {
      expect((await client.ask('chat.send', { scope, body: 'x' })).error?.code).toBe('ERR_RATE_LIMIT');
    }
    for (const type of ['ack', 'ack', 'error']) {
      expect((await client.ask('chat.send', { scope: 'host', body: 'x' })).type).toBe(type);
    }
  });

  it('tells the longer wait to whom both limits refuse (A2.4)', async () => {
    const rate = (limit: number) => ({ limit, windowMs: 60_000 });
    const ada = await start({ settings: { clientRate: rate(4), networkRate: rate(3) } });
    const scope = `network:${(await server.network(ada)).id}`;
    const client = await server.base(ada);
    await client.fence();
    await server.clock.advance(1_000);
    for (let count = 0; count < 3; count++)
      expect((await client.ask('chat.send', { scope, body: 'x' })).type).toBe('ack');
    const { error } = await client.ask('chat.send', { scope, body: 'x' });
    expect(error?.details.retry_after_ms).toBe(60_000);
    await server.clock.advance(60_000);
    expect((await client.ask('chat.send', { scope, body: 'x' })).type).toBe('ack');
  });

  it('tells so also to whom nothing more is answered, if they are in the room (A2.4)', async () => {
    const rate = (limit: number) => ({ limit, windowMs: 60_000 });
    const ada = await start({ settings: { clientRate: rate(1), networkRate: rate(1) } });
    const grace = await server.person('grace');
    const scope = `network:${(await server.network(grace, ada)).id}`;
    const [client, other] = [await server.v1(ada), await server.v1(grace)];
    const stranger = await server.v1(await server.person('stranger'));
    const say = (one: TestClient, where: string, opId: string) =>
      one.ask('chat.send', { scope: where, body: 'x' }, opId);
    for (const one of [client, stranger]) {
      for (let count = 0; count < 201; count++) expect((await say(one, 'host', 'first')).type).toBe('ack');
    }
    await server.clock.advance(1_000);
    expect((await say(other, scope, 'first')).type).toBe('ack');
    expect((await say(client, scope, 'late')).error?.details.retry_after_ms).toBe(60_000);
    expect((await say(stranger, scope, 'late')).error?.details.retry_after_ms).toBe(59_000);
    await server.clock.advance(60_000);
    expect((await say(client, scope, 'late')).type).toBe('ack');
  });

  it('does not use up places with what is refused for other reasons', async () => {
    const ada = await start({ settings: { networkRate: { limit: 2, windowMs: 60_000 } } });
    const network = await server.network(ada);
    const stranger = await server.base(await server.person('stranger'));
    const scope = `network:${network.id}`;
    for (let count = 0; count < 5; count++)
      expect((await stranger.ask('chat.send', { scope, body: 'x' })).error?.code).toBe('ERR_FORBIDDEN');
    const client = await server.base(ada);
    for (let count = 0; count < 2; count++)
      expect((await client.ask('chat.send', { scope, body: 'x' })).type).toBe('ack');
  });
});

describe('slow consumers (A6.3)', () => {
  it('closes with 4408 who does not read, and nobody else notices', async () => {
    const ada = await start();
    const slow = await server.base(await server.person('slow'));
    const reader = await server.base(await server.person('reader'));
    await Promise.all([slow.fence(), reader.fence()]);
    (slow.ws as unknown as { _socket: Socket })._socket.pause();
    // 16 KB each: the kernel takes some megabytes before anybody is slow.
    const body = '🎉'.repeat(4_096);
    const say = () => server.operations.chat.send({ actor: ada }, { scope: 'host', body });
    let last = '';
    let sent = 0;
    for (; !server.counts.failed.has('slow_consumer') && sent < 5_000; sent += 50) {
      const replies = await Promise.all(Array.from({ length: 50 }, say));
      last = replies.at(-1)?.reply.message_id ?? '';
      await reader.next((one) => one.data?.id === last);
    }
    expect(server.counts.failed.get('slow_consumer')).toBe(1);
    (slow.ws as unknown as { _socket: Socket })._socket.resume();
    expect((await slow.closed).code).toBe(4408);
    // What it did get has no hole.
    const got = slow.all('chat.message').map(({ data }) => data?.id);
    expect(got).toEqual(
      reader
        .all('chat.message')
        .slice(0, got.length)
        .map(({ data }) => data?.id),
    );
    expect(reader.all('chat.message')).toHaveLength(sent);
    expect((await reader.ask('presence.ping')).type).toBe('presence.pong');
  });

  it('cuts off who takes nothing for WS_WRITE_WAIT, to the millisecond (A6.4)', async () => {
    const ada = await start();
    const socket = new StubSocket();
    await socket.enter(server, ada);
    socket.stuck = true;
    await server.operations.chat.send({ actor: ada }, { scope: 'host', body: 'x' });
    await turns(5);
    const written = socket.writes.length;
    await server.operations.chat.send({ actor: ada }, { scope: 'host', body: 'y' });
    await server.clock.advance(9_999);
    expect([socket.writes.length, socket.ended]).toEqual([written, undefined]);
    await server.clock.advance(1);
    expect(socket.ended).toBe('terminated');
    expect(server.counts.failed.get('stuck_write')).toBe(1);
  });

  it('writes again as soon as the last write is taken, with all that came meanwhile in one go', async () => {
    const ada = await start();
    const socket = new StubSocket();
    await socket.enter(server, ada);
    socket.stuck = true;
    for (const body of ['a', 'b', 'c']) {
      await server.operations.chat.send({ actor: ada }, { scope: 'host', body });
      await turns(5);
    }
    const before = socket.writes.length;
    socket.take();
    expect(socket.writes.length).toBe(before + 1);
    expect(socket.writes.at(-1)).toHaveLength(2);
    await server.clock.advance(60_000);
    expect(socket.ended).toBe('terminated');
  });
});

describe('signs of life (A6.4)', () => {
  it('pings every WS_PING_PERIOD, up to 10 % early', async () => {
    const ada = await start({ random: () => 0.5 });
    const client = await server.base(ada);
    await client.fence();
    const pings: number[] = [];
    client.ws.on('ping', () => pings.push(server.clock.monotonic()));
    for (let second = 0; second < 160; second++) await server.clock.advance(1_000);
    expect(pings.map((time) => Math.ceil(time / 1_000))).toEqual([52, 103, 154]);
    expect((await client.ask('presence.ping')).type).toBe('presence.pong');
  });

  it('cuts off who shows no sign of life for WS_PONG_WAIT', async () => {
    const ada = await start();
    const dead = await server.base(ada);
    const alive = await server.base(ada);
    await Promise.all([dead.fence(), alive.fence()]);
    (dead.ws as unknown as { _socket: Socket })._socket.pause();
    for (let second = 0; second < 59; second++) await server.clock.advance(1_000);
    expect(server.gateway.stats().connections).toBe(2);
    await server.clock.advance(1_000);
    await expect.poll(() => server.gateway.stats().connections).toBe(1);
    (dead.ws as unknown as { _socket: Socket })._socket.resume();
    expect((await dead.closed).code).toBe(1006);
    expect((await alive.ask('presence.ping')).type).toBe('presence.pong');
    expect(server.counts.failed.get('dead_peer')).toBe(1);
  });
});

describe('connections of a user (A6.5)', () => {
  it('refuses the one too many with 429, when the others show life', async () => {
    const ada = await start({ settings: { maxConnectionsPerUser: 2 } });
    const clients = [await server.base(ada), await server.base(ada)];
    await expect(server.base(ada)).rejects.toThrow('429');
    await clients[0]?.close();
    await expect.poll(() => server.gateway.stats().connections).toBe(1);
    await server.base(ada);
  });

  it('probes the one silent for longest, and gives its place away when it is dead', async () => {
    const ada = await start({ settings: { maxConnectionsPerUser: 2 } });
    const [zombie, alive] = [await server.base(ada), await server.base(ada)];
    await Promise.all([zombie.fence(), alive.fence()]);
    await server.clock.advance(5_000);
    await alive.fence();
    (zombie.ws as unknown as { _socket: Socket })._socket.pause();
    const timers = server.clock.pending;
    const coming = server.base(ada);
    await expect.poll(() => server.clock.pending).toBeGreaterThan(timers);
    await server.clock.advance(2_000);
    const client = await coming;
    expect((await client.ask('presence.ping')).type).toBe('presence.pong');
    expect((await alive.ask('presence.ping')).type).toBe('presence.pong');
    (zombie.ws as unknown as { _socket: Socket })._socket.resume();
    expect((await zombie.closed).code).toBe(1006);
  });

  it('replaces the older connection of the same client_id with 4409, which does not count twice', async () => {
    const ada = await start({ settings: { maxConnectionsPerUser: 1 } });
    const id = '?client_id=7d444840-9dc0-11d1-b245-5ffdce74fad2';
    const older = await server.v1(ada, id);
    const newer = await server.v1(ada, id);
    expect(await older.closed).toEqual({ code: 4409, reason: 'replaced' });
    expect((await newer.ask('presence.ping')).type).toBe('presence.pong');
    expect(newer.all('presence.update').map(({ data }) => data?.status)).not.toContain('offline');
    await expect(server.base(ada)).rejects.toThrow('429');
  });

  it('does not mix up client_ids of different users', async () => {
    const ada = await start();
    const one = await server.base(ada, '?client_id=same');
    await server.base(await server.person('eve'), '?client_id=same');
    expect((await one.ask('presence.ping')).type).toBe('presence.pong');
  });

  it('gives places back: upgrades that come to nothing take none', async () => {
    const ada = await start({ settings: { maxConnections: 1, maxConnectionsPerUser: 1 } });
    for (let round = 0; round < 3; round++) {
      const answer = await server.raw(
        `GET /v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nAuthorization: Bearer ${ada.token}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 400/);
    }
    const client = await server.base(ada);
    await client.fence();
    await expect(server.base(await server.person('grace'))).rejects.toThrow('503');
    await client.close();
    await expect.poll(() => server.gateway.stats().connections).toBe(0);
    await server.base(await server.person('linus'));
  });
});
