import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BOUNDS } from './bounds.js';
import { StubSocket } from './testing/stub-socket.js';
import { turns } from './testing/test-clock.js';
import { type Person, PUBLISHED, TestServer } from './testing/test-server.js';

let server: TestServer;
let ada: Person;

beforeEach(async () => {
  server = await TestServer.start({ settings: { maxConnectionsPerUser: 100 } });
  ada = await server.person('ada');
});
afterEach(() => server.stop());

async function enter(count: number, dialect: 'base' | 'v1' = 'base'): Promise<StubSocket[]> {
  const sockets = Array.from({ length: count }, () => new StubSocket());
  for (const socket of sockets) await socket.enter(server, ada, dialect);
  await turns(10);
  for (const socket of sockets) socket.writes.length = 0;
  return sockets;
}

async function say(count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      server.operations.chat.send({ actor: ada }, { scope: 'host', body: `message ${index}` }),
    ),
  );
  await turns(5);
}

it('writes what a turn brought once to each socket, and it is the same buffer for all of a dialect', async () => {
  const [base, v1] = [await enter(5), await enter(5, 'v1')];
  await say(10);
  for (const sockets of [base, v1]) {
    const buffers = new Set(sockets.map((socket) => socket.writes[0]?.[0]));
    expect(buffers.size).toBe(1);
    for (const { writes } of sockets) expect(writes.map((write) => write.length)).toEqual([1]);
    const text = sockets[0]?.text() ?? '';
    expect(text.match(/message \d/g)).toEqual(Array.from({ length: 10 }, (_, index) => `message ${index}`));
  }
  expect(v1[0]?.text()).toContain('"seq":10');
  expect(base[0]?.text()).not.toContain('"seq"');
});

it('writes replies of the turn before what the room said in it, in the same write', async () => {
  const [socket] = await enter(1);
  socket?.inbound?.text('{"type":"chat.send","op_id":"mine","data":{"scope":"host","body":"hello"}}');
  while (!socket?.text().includes('hello')) await turns(1);
  expect(socket.writes).toHaveLength(1);
  expect(socket.text().indexOf('"op_id":"mine"')).toBeLessThan(socket.text().indexOf('hello'));
});

it('stretches a turn by what the last one took, at most 10 ms', async () => {
  const sockets = await enter(2);
  let cost = 40;
  for (const socket of sockets) {
    const write = socket.write.bind(socket);
    socket.write = (frames, flushed) => {
      server.clock.pass(cost);
      return write(frames, flushed);
    };
  }
  await say(1);
  expect(sockets[1]?.writes).toHaveLength(1);
  cost = 0;
  await say(1);
  await say(1);
  expect(sockets[1]?.writes).toHaveLength(1);
  await server.clock.advance(9.9);
  expect(sockets[1]?.writes).toHaveLength(1);
  await server.clock.advance(0.1);
  expect(sockets[1]?.writes).toHaveLength(2);
  await say(1);
  expect(sockets[1]?.writes).toHaveLength(3);
});

it('stretches no turn once the last one is over for as long as it took', async () => {
  const sockets = await enter(2);
  for (const socket of sockets) {
    const write = socket.write.bind(socket);
    socket.write = (frames, flushed) => {
      server.clock.pass(2);
      return write(frames, flushed);
    };
  }
  await say(1);
  await server.clock.advance(4);
  await say(1);
  expect(sockets[1]?.writes).toHaveLength(2);
  await server.clock.advance(2);
  await say(1);
  expect(sockets[1]?.writes).toHaveLength(2);
  await server.clock.advance(2);
  expect(sockets[1]?.writes).toHaveLength(3);
});

it('writes to many in pieces of 10 ms, between which the loop goes round (A1.6)', async () => {
  const sockets = await enter(20);
  let turn = 0;
  const wrote: number[] = [];
  for (const socket of sockets) {
    const write = socket.write.bind(socket);
    socket.write = (frames, flushed) => {
      wrote.push(turn);
      server.clock.pass(4);
      return write(frames, flushed);
    };
  }
  void server.operations.chat.send({ actor: ada }, { scope: 'host', body: 'to all' });
  for (; turn < 20; turn++) await turns(1);
  expect(wrote).toHaveLength(20);
  const pieces = new Map(wrote.map((at) => [at, wrote.filter((other) => other === at).length]));
  expect(Math.max(...pieces.values())).toBe(3);
});

it('sends a resume no faster than it is taken: memory is bounded on the way (A6.3)', async () => {
  const [socket] = await enter(1, 'v1');
  if (!socket) return;
  for (let hundred = 0; hundred < 6; hundred++) await say(100);
  socket.writes.length = 0;
  socket.stuck = true;
  const [{ epoch } = { epoch: '' }] = await server.operations.rooms.roomsOf(ada);
  const positions = [{ room: 'host', epoch, seq: 0 }];
  socket.inbound?.text(JSON.stringify({ type: 'session.resume', op_id: 'resume', data: { positions } }));
  // Half of what may wait: the other half is for what the rooms say meanwhile.
  const most = PUBLISHED.sendBufferMessages / 2;
  while (!socket.text().includes('"op_id":"resume"')) {
    await turns(10);
    expect(server.gateway.stats().queued.messages).toBeLessThanOrEqual(most);
    socket.take();
  }
  const seqs = socket.envelopes().flatMap(({ seq }) => seq ?? []);
  expect(seqs).toEqual(Array.from({ length: 600 }, (_, index) => index + 1));
});

it('counts every delivery by type', async () => {
  await enter(3);
  const before = server.counts.sent.get('chat.message') ?? 0;
  await say(4);
  expect((server.counts.sent.get('chat.message') ?? 0) - before).toBe(12);
  expect(server.counts.received.get('room.leave')).toBe(3);
  expect([server.counts.connections, server.counts.rooms]).toEqual([3, 2]);
  expect(server.gateway.stats()).toMatchObject({ connections: 3, rooms: 2 });
});

describe('a network that is deleted', () => {
  /** Enough to need several turns. */
  const MEMBERS = 300;

  it('is told in slices, each departure once to everyone who is still there', async () => {
    const people: Person[] = [];
    for (let number = 0; number < MEMBERS; number++)
      people.push(await server.person(`member-${1_000 + number}`));
    const network = await server.network(ada, ...people);
    const sockets = people.map(() => new StubSocket());
    for (const [index, socket] of sockets.entries()) await socket.enter(server, people[index] ?? ada);
    await turns(10);
    for (const socket of sockets) socket.writes.length = 0;
    server.counts.events.length = 0;

    await server.operations.networks.delete(ada, network.id);
    const last = sockets.at(-1);
    while (last?.envelopes().at(-1)?.data?.user_id !== people.at(-1)?.id) {
      await server.clock.advance(BOUNDS.turnMs);
    }
    const order = [ada, ...people].map(({ id }) => id);
    for (const [index, socket] of sockets.entries()) {
      expect(socket.envelopes().map(({ data }) => data?.user_id)).toEqual(order.slice(0, index + 2));
    }
    const slices = server.counts.events.filter((event) => event.kind === 'fanned_out');
    expect(Math.max(...slices.map(({ events }) => events))).toBeLessThanOrEqual(BOUNDS.turnEntries);
    // What one hears of a slice is one buffer: not one for each departure, or 2,000 members were 2,000,000.
    const writes = sockets.flatMap((socket) => socket.writes);
    expect(Math.max(...writes.map((buffers) => buffers.length))).toBe(1);
    expect(writes.length).toBeLessThan(MEMBERS * (2 + MEMBERS / BOUNDS.rereadEntries));
    expect(server.counts.events.filter((event) => event.kind === 'hole')).toEqual([]);
  });
});
