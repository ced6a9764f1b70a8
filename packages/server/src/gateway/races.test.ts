import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BusMessage } from '../ports/bus.js';
import type { TestClient } from './testing/test-client.js';
import { turns } from './testing/test-clock.js';
import { type Person, TestServer } from './testing/test-server.js';

/** What a look into the store finds is told only when the test says so; the world goes on meanwhile. */
class Gate {
  #status: 'open' | 'shut' = 'open';
  #waiting: (() => void)[] = [];

  shut(): void {
    this.#status = 'shut';
  }

  open(): void {
    this.#status = 'open';
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  async after<T>(result: Promise<T>): Promise<T> {
    const found = await result;
    if (this.#status === 'shut') await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return found;
  }
}

let server: TestServer;
let gate: Gate;
let ada: Person;
let grace: Person;
let room: string;
let network: string;

beforeEach(async () => {
  gate = new Gate();
  server = await TestServer.start({
    operations: (real) => ({
      ...real,
      rooms: {
        ...real.rooms,
        roomsOf: (actor) => gate.after(real.rooms.roomsOf(actor)),
        join: (actor, name) => gate.after(real.rooms.join(actor, name)),
        entriesAfter: (name, seq, limit) => gate.after(real.rooms.entriesAfter(name, seq, limit)),
      },
    }),
  });
  [ada, grace] = [await server.person('ada'), await server.person('grace')];
  network = (await server.network(ada)).id;
  room = `network:${network}`;
});
afterEach(() => server.stop());

const { join, kick } = {
  join: () => server.operations.networks.join(grace, network),
  kick: () => server.operations.networks.kick(ada, network, 'grace'),
};

async function say(body: string): Promise<void> {
  await server.operations.chat.send({ actor: ada }, { scope: room, body });
  await turns(3);
}

const heard = (client: TestClient) =>
  client.received.flatMap(({ type, data }) =>
    type === 'chat.message' ? [data?.body] : /^(member|admin)/.test(type) ? [type] : [],
  );

/** Starts to open a connection whose rooms were read before `meanwhile` and are used after it. */
async function openAround(dialect: 'base' | 'v1', meanwhile: () => Promise<void>): Promise<TestClient> {
  gate.shut();
  const opening = server.client(`/v1/ws?token=${grace.token}`, dialect === 'v1' ? ['goconnect.v1'] : []);
  await expect.poll(() => gate.waiting).toBe(1);
  await meanwhile();
  gate.open();
  const client = await opening;
  await client.fence();
  return client;
}

/** Resumes one room; what was read of its log before `meanwhile` is used after it. Gives the rooms of the answer. */
async function resumeAround(
  client: TestClient,
  position: object | undefined,
  meanwhile: () => Promise<void>,
): Promise<unknown> {
  gate.shut();
  client.post('session.resume', { positions: [position] }, 'resume');
  await expect.poll(() => gate.waiting).toBe(1);
  await meanwhile();
  gate.open();
  return (await client.next((one) => one.op_id === 'resume')).data?.rooms;
}

it.each(['base', 'v1'] as const)(
  'lets a %s connection in that became a member while it was opened',
  async (dialect) => {
    const client = await openAround(dialect, async () => {
      await say('before');
      await join();
      await say('hello');
    });
    await say('more');
    await client.next((one) => one.data?.body === 'more');
    expect(heard(client)).toEqual(['member.joined', 'hello', 'more']);
  },
);

it.each(['base', 'v1'] as const)(
  'keeps a %s connection out that was removed while it was opened',
  async (dialect) => {
    await join();
    const client = await openAround(dialect, async () => {
      await say('hello');
      await kick();
      await say('secret');
    });
    await say('secret');
    await client.fence();
    expect(heard(client)).toEqual(['hello', 'admin.kick', 'member.left']);
  },
);

it.each(['base', 'v1'] as const)(
  'follows a %s connection through removal and return while it was opened',
  async (dialect) => {
    await join();
    const client = await openAround(dialect, async () => {
      await kick();
      await join();
      await say('welcome back');
    });
    await say('more');
    await client.next((one) => one.data?.body === 'more');
    expect(heard(client)).toEqual(['admin.kick', 'member.left', 'member.joined', 'welcome back', 'more']);
  },
);

it('takes a frame that waited for the rooms as a sign of life of the moment it came (A6.4)', async () => {
  gate.shut();
  const client = await server.client(`/v1/ws?token=${grace.token}`);
  await expect.poll(() => gate.waiting).toBe(1);
  client.post('presence.ping', {}, 'early');
  client.ws.ping();
  await once(client.ws, 'pong');
  await server.clock.advance(5_000);
  gate.open();
  await client.next((one) => one.op_id === 'early');
  client.ws.pause();
  for (let second = 5; second < 59; second++) await server.clock.advance(1_000);
  expect(server.gateway.stats().connections).toBe(1);
  await server.clock.advance(1_000);
  await expect.poll(() => server.gateway.stats().connections).toBe(0);
});

/** A member who is outside of the room, and whose `room.join` was read and is not answered yet. */
async function joining(): Promise<TestClient> {
  await join();
  const client = await server.v1(grace);
  await client.ask('room.leave', { room });
  gate.shut();
  client.post('room.join', { room }, 'join');
  await expect.poll(() => gate.waiting).toBe(1);
  return client;
}

it('keeps out who was removed between the look into the store and the reply to room.join', async () => {
  const client = await joining();
  await kick();
  await say('secret');
  gate.open();
  expect((await client.next((one) => one.op_id === 'join')).error?.code).toBe('ERR_FORBIDDEN');
  await say('secret');
  await client.fence();
  // Each once: it was told of the kick outside of the room.
  expect(heard(client)).toEqual(['admin.kick', 'member.left']);
});

it('brings in who was removed and came again between the look into the store and the reply to room.join', async () => {
  const client = await joining();
  await kick();
  await join();
  await say('hello');
  gate.open();
  expect((await client.next((one) => one.op_id === 'join')).type).toBe('ack');
  await say('again');
  await client.fence();
  expect(heard(client)).toEqual(['admin.kick', 'member.left', 'member.joined', 'hello', 'again']);
});

describe('while a resume waits for one room', () => {
  /** Grace is to ask for the last three entries, and in another room for those of another log, which takes a look into the store. */
  async function resuming() {
    await join();
    for (const body of ['1', '2', '3', '4', '5']) await say(body);
    const client = await server.v1(grace);
    const rooms = client.received[0]?.data?.rooms as { room: string; epoch: string; seq: number }[];
    const here = rooms.find((one) => one.room === room);
    const seq = (here?.seq ?? 0) - 3;
    gate.shut();
    const lost = { room: 'host', epoch: 'of another log', seq: 1 };
    return { client, seq, lost, mine: { ...here, seq } };
  }
  const answer = async (client: TestClient, opId: string) =>
    (await client.next((one) => one.op_id === opId)).data;
  const placed = (client: TestClient) =>
    client.received.flatMap((one) => (one.room === room && one.seq !== undefined ? [one.seq] : []));

  it('its answer tells of another one where it stands by then, not where it stood (B3.3)', async () => {
    const { client, seq, lost, mine } = await resuming();
    client.post('session.resume', { positions: [mine, lost] }, 'resume');
    await expect.poll(() => gate.waiting).toBe(1);
    await say('live');
    await client.next((one) => one.data?.body === 'live');
    gate.open();
    expect((await answer(client, 'resume'))?.rooms).toEqual([
      { room, status: 'recovered', epoch: mine.epoch, seq: seq + 4 },
      expect.objectContaining({ room: 'host', status: 'gap' }),
    ]);
    expect(placed(client)).toEqual([seq + 1, seq + 2, seq + 3, seq + 4]);
  });

  it('a join tells the place from which the resume goes on (B3.2)', async () => {
    const { client, seq, lost, mine } = await resuming();
    client.post('session.resume', { positions: [lost, mine] }, 'resume');
    client.post('room.join', { room }, 'join');
    await expect.poll(() => gate.waiting).toBe(2);
    gate.open();
    expect(await answer(client, 'join')).toMatchObject({ status: 'joined', seq });
    await answer(client, 'resume');
    expect(placed(client)).toEqual([seq + 1, seq + 2, seq + 3]);
  });

  it('a room that is left and entered again is not denied: what was not sent is a gap', async () => {
    const { client, seq, lost, mine } = await resuming();
    client.post('session.resume', { positions: [lost, mine] }, 'resume');
    client.post('room.leave', { room }, 'leave');
    client.post('room.join', { room }, 'join');
    await expect.poll(() => gate.waiting).toBe(2);
    gate.open();
    expect(await answer(client, 'join')).toMatchObject({ status: 'joined', seq: seq + 3 });
    const rooms = (await answer(client, 'resume'))?.rooms;
    expect(rooms).toContainEqual({ room, status: 'gap', epoch: mine.epoch, seq: seq + 3, from: 1 });
    expect(placed(client)).toEqual([]);
  });
});

it('sends nothing from after a removal to who had not said its first word yet', async () => {
  await join();
  const client = await server.v1(grace);
  await say('hello');
  await kick();
  await say('secret');
  await server.clock.advance(250);
  await client.fence();
  expect(heard(client)).toEqual(['hello', 'admin.kick', 'member.left']);
});

it('sends nothing from after a removal to who is catching up', async () => {
  await join();
  const before = await server.v1(grace);
  const welcome = before.received[0]?.data as { rooms: { room: string }[] };
  const seen = welcome.rooms.find((one) => one.room === room);
  await before.close();
  await say('hello');
  const { reply } = await server.operations.chat.send({ actor: ada }, { scope: room, body: 'x' });
  // Memory forgets the room up to here, so that the log must be read.
  await server.operations.chat.delete({ actor: ada }, { message_id: reply.message_id, mode: 'soft' });
  const client = await server.v1(grace);
  const rooms = await resumeAround(client, seen, async () => {
    await kick();
    await say('secret');
  });
  expect(rooms).toEqual([{ room, status: 'denied' }]);
  expect(heard(client)).toEqual(['hello', '', 'admin.kick', 'member.left']);
});

it('tells who is removed while it is told of a gap that it is out, not that it may go on', async () => {
  await join();
  const client = await server.v1(grace);
  const rooms = await resumeAround(client, { room, epoch: 'of another log', seq: 1 }, async () => {
    await kick();
    await say('secret');
  });
  expect(rooms).toEqual([{ room, status: 'denied' }]);
  expect(heard(client)).toEqual([]);
});

it('lets go of a room that is left while it is caught up, and does not send the rest', async () => {
  await join();
  const client = await server.v1(grace);
  await say('x');
  const { reply } = await server.operations.chat.send({ actor: ada }, { scope: room, body: 'x' });
  await server.operations.chat.delete({ actor: ada }, { message_id: reply.message_id, mode: 'soft' });
  gate.shut();
  await server.clock.advance(250);
  await expect.poll(() => gate.waiting).toBe(1);
  await client.ask('room.leave', { room });
  gate.open();
  await say('x');
  await client.fence();
  expect(heard(client)).toEqual([]);
});

it('tells who joins a room it is in where it stands by then, and repeats nothing (B3.2)', async () => {
  await join();
  const client = await server.v1(grace);
  await client.fence();
  gate.shut();
  client.post('room.join', { room }, 'join');
  await expect.poll(() => gate.waiting).toBe(1);
  await say('one');
  await say('two');
  const two = await client.next((one) => one.data?.body === 'two');
  gate.open();
  const { data } = await client.next((one) => one.op_id === 'join');
  expect(data?.seq).toBe(two.seq);
  await say('three');
  await client.next((one) => one.data?.body === 'three');
  expect(heard(client)).toEqual(['one', 'two', 'three']);
});

it('answers everything that was said while the rooms were read, however much that is (A2.1)', async () => {
  gate.shut();
  const client = await server.client(`/v1/ws?token=${grace.token}`);
  await expect.poll(() => gate.waiting).toBe(1);
  const ids = Array.from({ length: 400 }, (_, index) => `small-${index}`);
  for (const id of ids) client.post('chat.send', { scope: 'host', body: id }, id);
  const large = Array.from({ length: 20 }, (_, index) => `large-${index}`);
  for (const id of large)
    client.send({ type: 'room.leave', op_id: id, data: { room: 'host' }, pad: 'x'.repeat(400_000) });
  // More than may wait here: most of it stays with the kernels.
  await turns(50);
  gate.open();
  for (const id of [...ids, ...large]) await client.next((one) => one.op_id === id);
  const answers = client.received.filter(({ op_id }) => op_id?.startsWith('small'));
  expect(answers.filter(({ type }) => type === 'ack')).toHaveLength(100);
  expect(answers.filter(({ error }) => error?.code === 'ERR_RATE_LIMIT')).toHaveLength(300);
});

it('closes one that said too much before the close was read, in time', async () => {
  gate.shut();
  const client = await server.client(`/v1/ws?token=${grace.token}`);
  await expect.poll(() => gate.waiting).toBe(1);
  for (let count = 0; count < 300; count++) client.post('presence.ping', {}, `p${count}`);
  await turns(20);
  server.bus.publish([{ kind: 'disconnect', userId: 'grace', code: 4401, reason: 'logged out' }]);
  expect((await client.closed).code).toBe(4401);
  gate.open();
});

it('reads the rooms again when memory forgot one meanwhile', async () => {
  await join();
  const others = Array.from({ length: 10_001 }, (_, index): BusMessage => {
    const event = { type: 'member.left', data: { network_id: 'x', user_id: 'x' } } as const;
    return { kind: 'entry', entry: { ...event, room: `network:x${index}`, epoch: 'e', seq: 1, at: 0 } };
  });
  const client = await openAround('v1', async () => {
    await say('hello');
    server.bus.publish(others);
    await turns(3);
  });
  const welcome = client.received[0]?.data as { rooms: { room: string; seq: number }[] };
  const { seq } = await server.operations.rooms.join(grace, room);
  expect(welcome.rooms.find((one) => one.room === room)?.seq).toBe(seq);
});
