import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestClient } from './testing/test-client.js';
import { type Person, TestServer } from './testing/test-server.js';

let server: TestServer;
let ada: Person;
let grace: Person;

beforeEach(async () => {
  server = await TestServer.start();
  [ada, grace] = [await server.person('ada'), await server.person('grace')];
});
afterEach(() => server.stop());

interface Position {
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
}

function position(client: TestClient, room: string): Position {
  const rooms = client.received[0]?.data?.rooms as Position[];
  return rooms.find((one) => one.room === room) as Position;
}

async function say(count: number, scope = 'host', from = ada): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      server.operations.chat.send({ actor: from }, { scope, body: `${index}` }),
    ),
  );
}

const seqs = (client: TestClient, room = 'host') =>
  client.received.flatMap((one) => (one.room === room && one.seq !== undefined ? [one.seq] : []));
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('the session extension', () => {
  it('welcomes with everything a client times itself by, as the first message (B2)', async () => {
    await say(3);
    const client = await server.v1({ token: await server.sign(ada, 90_000) });
    expect(client.ws.protocol).toBe('goconnect.v1');
    expect(client.received[0]).toEqual({
      type: 'session.welcome',
      data: {
        session_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        user_id: 'ada',
        tenant_id: 'acme',
        server: { name: 'goconnect-server', version: '0.0.0' },
        server_time: '2025-11-21T10:00:00.000Z',
        token_expires_in: 90,
        rooms: [
          { room: 'host', epoch: expect.any(String), seq: 3 },
          { room: 'tenant:acme', epoch: expect.any(String), seq: 0 },
        ],
        limits: { max_message_bytes: 524_288, messages_per_minute: 100, network_messages_per_minute: 1_000 },
        heartbeat: { ping_period_ms: 54_000, pong_wait_ms: 60_000 },
        resume: { window_ms: 604_800_000, max_events_per_room: 10_000 },
        dedupe_window_ms: 86_400_000,
      },
    });
  });

  it('puts room, seq and trace beside the data of an entry, and none of it on others (B3.1, B6)', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const [one, two] = [await server.v1(ada), await server.v1(grace)];
    await two.fence();
    const ack = await one.ask('chat.send', { scope: 'host', body: 'x' }, 'o', {
      meta: { traceparent, junk: 1 },
    });
    expect(ack.meta).toEqual({ traceparent });
    const heard = await two.next('chat.message');
    expect(heard).toMatchObject({ room: 'host', seq: 1, meta: { traceparent } });
    const refused = await one.ask('chat.edit', { message_id: 'nothing', new_body: 'x' }, 'p', {
      meta: { traceparent },
    });
    expect(refused).toMatchObject({ type: 'error', meta: { traceparent } });
    for (const type of ['chat.send', 'chat.shout']) {
      const unread = await one.ask(type, {}, type, { meta: { traceparent } });
      expect(unread).toMatchObject({ error: { code: 'ERR_INVALID_MESSAGE' }, meta: { traceparent } });
    }
    expect(await two.next('presence.update')).not.toHaveProperty('seq');
  });

  it('misses nothing between its welcome and the first event, in the midst of a busy room', async () => {
    const talk = async () => {
      for (let batch = 0; batch < 10; batch++) await say(4);
    };
    for (let round = 1; round <= 5; round++) {
      const talking = talk();
      const client = await server.v1(grace);
      await server.clock.advance(250);
      await talking;
      await say(1);
      await client.next((one) => one.seq === 41 * round);
      expect(seqs(client)).toEqual(range(position(client, 'host').seq + 1, 41 * round));
      await client.close();
    }
  });

  it('gives a repeated operation the same answer on another connection, and no second effect (B4.1)', async () => {
    const one = await server.v1(ada);
    const first = await one.ask('chat.send', { scope: 'host', body: 'x' }, 'key');
    await one.break();
    const two = await server.v1(ada);
    expect((await two.ask('chat.send', { scope: 'host', body: 'x' }, 'key')).data).toEqual(first.data);
    expect((await two.ask('chat.send', { scope: 'host', body: 'y' }, 'key')).error?.details.reason).toBe(
      'op_id_reused',
    );
    const other = await server.v1(grace);
    expect((await other.ask('chat.send', { scope: 'host', body: 'x' }, 'key')).data).not.toEqual(first.data);
    const { data } = await other.ask('chat.history', { scope: 'host' });
    expect(data?.messages).toHaveLength(2);
  });

  it('reads history in the shape of live messages (B3.5)', async () => {
    await say(3);
    const client = await server.v1(ada);
    const { data } = await client.ask('chat.history', { scope: 'host', limit: 2 });
    expect(data?.messages).toMatchObject([{ body: '2' }, { body: '1' }]);
    expect(data?.next).toEqual(expect.any(String));
  });
});

describe('session.resume (B3.3)', () => {
  it('sends what was missed, each once, in order, and then says so', async () => {
    const before = await server.v1(grace);
    const seen = position(before, 'host');
    await before.break();
    await say(7);
    const client = await server.v1(grace);
    const ack = await client.ask('session.resume', { positions: [seen] });
    expect(ack.data?.rooms).toEqual([{ room: 'host', status: 'recovered', epoch: seen.epoch, seq: 7 }]);
    expect(seqs(client)).toEqual(range(1, 7));
    expect(client.received.at(-1)).toBe(ack);
    await say(1);
    await client.next((one) => one.seq === 8);
    expect(seqs(client)).toEqual(range(1, 8));
  });

  it('resumes from zero events received, and with nothing missed', async () => {
    const client = await server.v1(grace);
    const seen = [position(client, 'host'), position(client, 'tenant:acme')];
    const { data } = await client.ask('session.resume', { positions: seen });
    expect(data?.rooms).toMatchObject([
      { status: 'recovered', seq: 0 },
      { status: 'recovered', seq: 0 },
    ]);
    await say(1);
    expect((await client.next('chat.message')).seq).toBe(1);
  });

  it('puts newer events behind the missed ones, however busy the room is', async () => {
    const before = await server.v1(grace);
    const seen = position(before, 'host');
    await before.close();
    await say(300);
    const opening = server.v1(grace);
    const talking = say(300);
    const client = await opening;
    client.post('session.resume', { positions: [seen] }, 'resume');
    await talking;
    const ack = await client.next((one) => one.op_id === 'resume');
    await client.fence();
    await client.next((one) => one.seq === 600);
    expect(seqs(client)).toEqual(range(1, 600));
    const untilAck = client.received.slice(0, client.received.indexOf(ack)).flatMap(({ seq }) => seq ?? []);
    expect(ack.data?.rooms).toMatchObject([{ status: 'recovered', seq: expect.any(Number) }]);
    expect(untilAck.length).toBeGreaterThanOrEqual(300);
  });

  it('pages what memory no longer has from the log (B3.4)', async () => {
    const before = await server.v1(grace);
    const seen = position(before, 'host');
    await before.close();
    await say(2_500);
    const message = await server.operations.chat.send({ actor: ada }, { scope: 'host', body: 'x' });
    // Makes the window forget everything before it.
    await server.operations.chat.delete(
      { actor: ada },
      { message_id: message.reply.message_id, mode: 'soft' },
    );
    const client = await server.v1(grace);
    const { data } = await client.ask('session.resume', { positions: [seen] });
    expect(data?.rooms).toMatchObject([{ status: 'recovered', seq: 2_502 }]);
    expect(seqs(client)).toEqual(range(1, 2_502));
  });

  it('replays the new words of what was deleted meanwhile, never the old ones', async () => {
    const before = await server.v1(grace);
    await before.fence();
    const seen = position(before, 'host');
    const { reply } = await server.operations.chat.send(
      { actor: ada },
      { scope: 'host', body: 'to be regretted' },
    );
    await before.next('chat.message');
    await before.close();
    await server.operations.chat.delete({ actor: ada }, { message_id: reply.message_id, mode: 'soft' });
    const client = await server.v1(grace);
    await client.ask('session.resume', { positions: [seen] });
    expect(seqs(client)).toEqual([1, 2]);
    expect(JSON.stringify(client.received)).not.toContain('to be regretted');
  });

  it('answers all rooms in one message: recovered, gap and denied', async () => {
    const network = await server.network(ada, grace);
    const secret = await server.network(ada);
    const room = `network:${network.id}`;
    const client = await server.v1(grace);
    const [host, here] = [position(client, 'host'), position(client, room)];
    const { data } = await client.ask('session.resume', {
      positions: [
        host,
        { ...here, epoch: 'another' },
        { room: `network:${secret.id}`, epoch: 'x', seq: 0 },
        { ...host, room: 'network:nothing' },
      ],
    });
    expect(data?.rooms).toEqual([
      { room: 'host', status: 'recovered', epoch: host.epoch, seq: 0 },
      { room, status: 'gap', epoch: here.epoch, seq: here.seq, from: 1 },
      { room: `network:${secret.id}`, status: 'denied' },
      { room: 'network:nothing', status: 'denied' },
    ]);
    await say(1, room);
    expect((await client.next('chat.message')).seq).toBe(here.seq + 1);
  });

  it('says from where, when the log no longer has what was missed', async () => {
    const before = await server.v1(grace);
    const seen = position(before, 'host');
    await before.close();
    await say(5);
    await server.clock.advance(1_000);
    await server.store.write((tx) => tx.log.trim(server.clock.now(), 3));
    await say(2);
    const restarted = await server.v1(grace);
    // The window still has what the log has not: nothing is lost.
    expect((await restarted.ask('session.resume', { positions: [seen] })).data?.rooms).toMatchObject([
      { status: 'recovered' },
    ]);
    const gone = await server.operations.chat.send({ actor: ada }, { scope: 'host', body: 'x' });
    await server.operations.chat.delete({ actor: ada }, { message_id: gone.reply.message_id, mode: 'soft' });
    const client = await server.v1(grace);
    const { data } = await client.ask('session.resume', { positions: [seen] });
    expect(data?.rooms).toEqual([
      { room: 'host', status: 'gap', epoch: seen.epoch, seq: 9, from: expect.any(Number) },
    ]);
    const from = Number((data as { rooms: { from: number }[] }).rooms[0]?.from);
    expect(from).toBeGreaterThan(3);
    const rest = await client.ask('session.resume', { positions: [{ ...seen, seq: from - 1 }] });
    expect(rest.data?.rooms).toMatchObject([{ status: 'recovered', seq: 9 }]);
    expect(seqs(client)).toEqual(range(from, 9));
  });

  it('is a gap for a position that never was', async () => {
    const client = await server.v1(grace);
    const seen = position(client, 'host');
    const { data } = await client.ask('session.resume', { positions: [{ ...seen, seq: 99 }] });
    expect(data?.rooms).toMatchObject([{ status: 'gap', seq: 0, from: 1 }]);
    await say(1);
    expect((await client.next('chat.message')).seq).toBe(1);
  });

  it('sends nothing from after a removal, and tells of it', async () => {
    const network = await server.network(ada, grace);
    const room = `network:${network.id}`;
    const before = await server.v1(grace);
    const seen = position(before, room);
    await before.close();
    await say(2, room);
    await server.operations.networks.kick(ada, network.id, 'grace');
    await say(2, room);
    const client = await server.v1(grace);
    const { data } = await client.ask('session.resume', { positions: [seen] });
    expect(data?.rooms).toEqual([{ room, status: 'denied' }]);
    expect(seqs(client, room)).toEqual([]);
  });

  it('has a small budget of its own (A6.2)', async () => {
    const client = await server.v1(grace);
    const seen = position(client, 'host');
    for (let count = 0; count < 10; count++) {
      expect((await client.ask('session.resume', { positions: [seen] })).type).toBe('ack');
    }
    const { error } = await client.ask('session.resume', { positions: [seen] });
    expect(error).toMatchObject({ code: 'ERR_RATE_LIMIT', details: { retry_after_ms: 60_000 } });
    for (let count = 0; count < 100; count++) client.post('room.leave', { room: 'tenant:x' });
    expect((await client.ask('room.leave', { room: 'tenant:x' })).error?.code).toBe('ERR_RATE_LIMIT');
  });

  it('runs two at once one after the other, and loses no order', async () => {
    const before = await server.v1(grace);
    const seen = position(before, 'host');
    await before.close();
    await say(400);
    const client = await server.v1(grace);
    client.post('session.resume', { positions: [seen] }, 'a');
    client.post('session.resume', { positions: [{ ...seen, seq: 390 }] }, 'b');
    await client.next((one) => one.op_id === 'b');
    expect(seqs(client)).toEqual([...range(1, 400), ...range(391, 400)]);
  });
});

describe('the first word', () => {
  it('holds entries until a client had time to resume, and sends them all then (B3.3)', async () => {
    const client = await server.v1(grace);
    await say(3);
    await server.clock.advance(249);
    expect(seqs(client)).toEqual([]);
    await server.clock.advance(1);
    await client.next((one) => one.seq === 3);
    expect(seqs(client)).toEqual([1, 2, 3]);
  });

  it('holds nothing once the client said anything', async () => {
    const client = await server.v1(grace);
    await say(1);
    client.send('{');
    expect((await client.next('chat.message')).seq).toBe(1);
  });
});
