import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Envelope } from './testing/test-client.js';
import { type Person, TestServer } from './testing/test-server.js';

let server: TestServer;
let ada: Person;
let grace: Person;
let linus: Person;

beforeEach(async () => {
  server = await TestServer.start();
  [ada, grace, linus] = [
    await server.person('ada'),
    await server.person('grace'),
    await server.person('linus'),
  ];
});
afterEach(() => server.stop());

const kinds = (envelopes: readonly Envelope[]) =>
  envelopes
    .filter(({ type }) => /^(chat|member|admin|net)/.test(type))
    .map(({ type, data }) => (type === 'chat.message' ? String(data?.body) : type));

describe('rooms of a connection (A3.2)', () => {
  it('is in host, its tenant and its networks from the start', async () => {
    const network = await server.network(ada, grace);
    const client = await server.v1(grace);
    const welcome = client.received[0];
    const rooms = welcome?.data?.rooms as { room: string }[];
    expect(rooms.map(({ room }) => room)).toEqual(['host', 'tenant:acme', `network:${network.id}`]);
  });

  it('enters a room live, on all connections, with the entry that says so', async () => {
    const network = await server.network(ada);
    const owner = await server.base(ada);
    const [one, two] = [await server.base(grace), await server.v1(grace)];
    const scope = `network:${network.id}`;
    await owner.ask('chat.send', { scope, body: 'before' });
    await Promise.all([one.fence(), two.fence()]);
    await server.operations.networks.join(grace, network.id);
    await owner.ask('chat.send', { scope, body: 'after' });
    for (const client of [one, two]) {
      await client.next((envelope) => envelope.data?.body === 'after');
      expect(kinds(client.received)).toEqual(['member.joined', 'after']);
    }
    await owner.next((envelope) => envelope.data?.body === 'after');
    expect(kinds(owner.received)).toEqual(['before', 'member.joined', 'after']);
  });

  it.each(['kick', 'ban'] as const)(
    'tells a %s with its removal, and nothing after it (A4.2)',
    async (act) => {
      const network = await server.network(ada, grace, linus);
      const scope = `network:${network.id}`;
      const owner = await server.base(ada);
      const [one, two, witness] = [await server.base(grace), await server.v1(grace), await server.v1(linus)];
      await Promise.all([one.fence(), two.fence(), witness.fence()]);
      // Many in flight around the removal, so that it has others before and behind it in one turn.
      for (let index = 0; index < 20; index++) owner.post('chat.send', { scope, body: `before ${index}` });
      const removed = server.operations.networks[act](ada, network.id, 'grace', 'rules');
      for (let index = 0; index < 20; index++) owner.post('chat.send', { scope, body: `after ${index}` });
      await removed;
      const last = await witness.next((envelope) => envelope.data?.body === 'after 19');
      const events = witness.received.filter(({ seq, room }) => seq !== undefined && room === scope);
      expect(events.map(({ seq }) => seq)).toEqual(
        events.map((_, index) => (last.seq ?? 0) - events.length + 1 + index),
      );
      const all = kinds(witness.received);
      const until = all.indexOf('member.left');
      expect(all[until - 1]).toBe(`admin.${act}`);
      for (const client of [one, two]) {
        await client.next('member.left');
        await client.fence();
        expect(kinds(client.received)).toEqual(all.slice(0, until + 1));
      }
      const send = await one.ask('chat.send', { scope, body: 'still here?' });
      expect(send.error?.code).toMatch(/ERR_FORBIDDEN|ERR_NOT_FOUND/);
    },
  );

  it('tells the user concerned also where that connection has left the room', async () => {
    const network = await server.network(ada, grace);
    const client = await server.base(grace);
    await client.ask('room.leave', { room: `network:${network.id}` });
    await server.operations.networks.kick(ada, network.id, 'grace');
    await client.next('member.left');
    expect(kinds(client.received)).toEqual(['admin.kick', 'member.left']);
  });

  it('lets who was removed come back, and hears them again', async () => {
    const network = await server.network(ada, grace);
    const scope = `network:${network.id}`;
    const client = await server.v1(grace);
    await client.fence();
    await server.operations.networks.leave(grace, network.id);
    await server.operations.networks.join(grace, network.id);
    await client.next('member.joined');
    await client.ask('chat.send', { scope, body: 'back' });
    await client.next('chat.message');
    expect(kinds(client.received)).toEqual(['member.left', 'member.joined', 'back']);
  });

  it('sends join requests to owner and admins only', async () => {
    const network = await server.operations.networks.create(ada, {
      name: 'attic',
      visibility: 'public',
      joinPolicy: 'approval',
    });
    const [owner, asking, stranger] = [
      await server.base(ada),
      await server.base(grace),
      await server.base(linus),
    ];
    await Promise.all([owner.fence(), asking.fence(), stranger.fence()]);
    await server.operations.networks.join(grace, network.id);
    expect((await owner.next('request.join.pending')).data).toMatchObject({
      network_id: network.id,
      user_id: 'grace',
    });
    await Promise.all([asking.fence(), stranger.fence()]);
    expect([...asking.all('request.join.pending'), ...stranger.all('request.join.pending')]).toEqual([]);
  });

  it('tells changed settings of a network to its members', async () => {
    const network = await server.network(ada, grace);
    const client = await server.base(grace);
    await client.fence();
    await server.operations.networks.update(ada, network.id, { name: 'another name' });
    expect((await client.next('net.updated')).data).toMatchObject({
      changes: ['name'],
      properties: { name: 'another name' },
    });
  });
});

describe('room.join and room.leave', () => {
  it('refuses what one may not enter: forbidden when public, not found otherwise (A3.4)', async () => {
    const open = await server.network(ada);
    const hidden = await server.operations.networks.create(ada, {
      name: 'hidden',
      visibility: 'private',
      joinPolicy: 'invite',
    });
    const client = await server.base(grace);
    const codes = await Promise.all(
      [`network:${open.id}`, `network:${hidden.id}`, 'network:nothing', 'tenant:other'].map(
        async (room) => (await client.ask('room.join', { room })).error?.code,
      ),
    );
    expect(codes).toEqual(['ERR_FORBIDDEN', 'ERR_NOT_FOUND', 'ERR_NOT_FOUND', 'ERR_NOT_FOUND']);
  });

  it('hides the networks of another tenant, in every way (A3.3)', async () => {
    const eve = await server.person('eve', { tenantId: 'other' });
    const network = await server.network(ada);
    const scope = `network:${network.id}`;
    const [client, owner] = [await server.v1(eve), await server.v1(ada)];
    const sent = await owner.ask('chat.send', { scope, body: 'secret' });
    const codes = await Promise.all([
      client.ask('room.join', { room: scope }),
      client.ask('chat.send', { scope, body: 'x' }),
      client.ask('chat.history', { scope }),
      client.ask('presence.list', { room: scope }),
      client.ask('presence.list', { room: 'tenant:acme' }),
      client.ask('chat.edit', { message_id: sent.data?.message_id, new_body: 'x' }),
    ]);
    expect(codes.map(({ error }) => error?.code)).toEqual(Array(6).fill('ERR_NOT_FOUND'));
    await client.fence();
    expect(JSON.stringify(client.received)).not.toContain('secret');
    expect(client.all('presence.update').map(({ data }) => data?.user_id)).not.toContain('ada');
  });

  it('stops and starts the events of that connection only', async () => {
    const [one, two] = [await server.base(ada), await server.base(ada)];
    await one.ask('room.leave', { room: 'host' });
    await two.ask('chat.send', { scope: 'host', body: 'first' });
    await two.next('chat.message');
    await one.ask('room.join', { room: 'host' });
    await two.ask('chat.send', { scope: 'host', body: 'second' });
    await one.next((envelope) => envelope.data?.body === 'second');
    expect(kinds(one.received)).toEqual(['second']);
    expect(kinds(two.received)).toEqual(['first', 'second']);
  });

  it('tells the position that the events go on from, also in the midst of them (B3.2)', async () => {
    const [talker, listener] = [await server.base(ada), await server.v1(grace)];
    for (let round = 0; round < 8; round++) {
      await listener.ask('room.leave', { room: 'host' });
      for (let index = 0; index < 5; index++) talker.post('chat.send', { scope: 'host', body: 'x' });
      const { data } = await listener.ask('room.join', { room: 'host' });
      expect(data).toMatchObject({
        room: 'host',
        status: 'joined',
        epoch: expect.any(String),
        seq: expect.any(Number),
      });
      await talker.ask('chat.send', { scope: 'host', body: `end ${round}` });
      const end = await listener.next((envelope) => envelope.data?.body === `end ${round}`);
      const joined = listener.received.findIndex((envelope) => envelope.data === data);
      const after = listener.received.slice(joined).flatMap(({ seq }) => seq ?? []);
      const from = Number(data?.seq) + 1;
      expect(after).toEqual(Array.from({ length: (end.seq ?? 0) - from + 1 }, (_, index) => from + index));
      await server.clock.advance(10_000);
    }
  });

  it('does not let somebody follow who was removed while joining', async () => {
    const network = await server.network(ada, grace);
    const room = `network:${network.id}`;
    const client = await server.v1(grace);
    for (let round = 0; round < 10; round++) {
      await client.ask('room.leave', { room });
      client.post('room.join', { room }, `join ${round}`);
      await server.operations.networks.kick(ada, network.id, 'grace');
      await client.next((envelope) => envelope.op_id === `join ${round}`);
      await server.operations.chat.send({ actor: ada }, { scope: room, body: `secret ${round}` });
      await client.fence();
      expect(JSON.stringify(client.received)).not.toContain('secret');
      await server.operations.networks.join(grace, network.id);
      await server.clock.advance(10_000);
    }
  });
});
