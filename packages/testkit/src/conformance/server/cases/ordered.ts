import { casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import type { WireEnvelope } from '../wire-client.js';
import { logOf, positionOf } from './session.js';

const v1 = { needs: 'v1', also: ['admin'] } as const;

/** A resume of one room that is denied says nothing of where the room stands. */
function mustDeny({ data }: WireEnvelope): void {
  const [answer] = data.rooms as readonly Record<string, unknown>[];
  mustEqual(answer?.status, 'denied', 'status');
  for (const field of ['epoch', 'seq', 'from'])
    must(answer?.[field] === undefined, `a denied room is told with its ${field}`);
}

/** B3: ordered, recoverable rooms. */
export const ORDER_CASES = casesFor<ServerEnv>('server', [
  {
    name: "numbers a room's events by exactly one, the same for everyone",
    rules: ['B3.1/by-one', 'B3.1/one-order'],
    ...v1,
    async run({ connect, network, one, two }) {
      const room = `network:${await network()}`;
      const [a, b] = [await connect(one), await connect(two)];
      const start = await positionOf(a, room);
      const speakers = [a, b];
      for (let count = 0; count < 10; count++)
        speakers[count % 2]?.send('chat.send', { scope: room, body: `message ${count}` });
      for (const client of [a, b]) await client.until('ten events', () => logOf(client, room)[9]);
      const places = logOf(a, room).map(({ seq }) => seq);
      mustEqual(
        places,
        Array.from({ length: 10 }, (_, index) => start.seq + 1 + index),
        'places',
      );
      mustEqual(logOf(b, room), logOf(a, room), 'the log that the other one saw');
    },
  },
  {
    name: 'gives edits, deletions, redactions and membership a place as well, and presence none',
    rules: ['B3.1/entries', 'B3.1/transient', 'B3.1/by-one'],
    ...v1,
    async run({ connect, network, admin, one, two }) {
      const id = await network();
      const room = `network:${id}`;
      const client = await connect(one);
      const { data } = await client.ack('chat.send', { scope: room, body: 'x' });
      const message_id = data.message_id;
      await client.ack('chat.edit', { message_id, new_body: 'y' });
      await client.ack('chat.redact', { message_id, mask: '*' });
      await client.ack('chat.delete', { message_id, mode: 'soft' });
      const guest = await admin.newUser();
      await (await connect(guest)).settle();
      await admin.join(id, guest);
      await client.event('member.joined', { user_id: guest.id });
      await admin.kick(id, one, two, 'x');
      await client.event('member.left', { user_id: two.id });
      mustEqual(
        logOf(client, room).map(({ type }) => type),
        [
          'chat.message',
          'chat.edited',
          'chat.redacted',
          'chat.deleted',
          'member.joined',
          'admin.kick',
          'member.left',
        ],
        'events with a place',
      );
      const [first] = logOf(client, room);
      mustEqual(
        logOf(client, room).map(({ seq }) => seq),
        logOf(client, room).map((_, index) => (first?.seq ?? 0) + index),
        'places',
      );
      for (const update of client.events('presence.update'))
        must(update.seq === undefined, 'presence.update carries a seq');
    },
  },
  {
    name: 'tells the position of a room that never had an event, by welcome and by join',
    rules: ['B3.2/welcome', 'B3.2/join'],
    ...v1,
    async run({ connect, admin, one }) {
      const room = `network:${await admin.newNetwork(one)}`;
      const client = await connect(one);
      const position = await positionOf(client, room);
      const joined = await client.ack('room.join', { room });
      mustEqual([joined.data.epoch, joined.data.seq], [position.epoch, position.seq], 'position of the join');
      await client.ack('chat.send', { scope: room, body: 'first' });
      mustEqual(
        (await client.event('chat.message', { scope: room })).seq,
        position.seq + 1,
        'place of the first event',
      );
    },
  },
  {
    name: 'gives every missed event once, in order, and then the ack',
    rules: ['B3.3/missed', 'B3.3/ack'],
    ...v1,
    async run({ connect, network, one, two }) {
      const room = `network:${await network()}`;
      const away = await connect(two);
      const position = await positionOf(away, room);
      await away.close();
      const speaker = await connect(one);
      for (const body of ['1', '2', '3', '4', '5']) await speaker.ack('chat.send', { scope: room, body });
      const back = await connect(two);
      const ack = await back.ack('session.resume', { positions: [position] });
      mustEqual(
        ack.data.rooms,
        [{ room, status: 'recovered', epoch: position.epoch, seq: position.seq + 5 }],
        'the ack',
      );
      const replyAt = back.received.indexOf(ack);
      const before = back.received.slice(0, replyAt).filter((one) => one.room === room);
      mustEqual(
        before.map(({ data }) => data.body),
        ['1', '2', '3', '4', '5'],
        'events before the ack',
      );
      mustEqual(
        before.map(({ seq }) => seq),
        [1, 2, 3, 4, 5].map((index) => position.seq + index),
        'places',
      );
      await back.settle();
      mustEqual(logOf(back, room).length, 5, 'events in all');
    },
  },
  {
    name: 'resumes from a position of zero events received',
    rules: ['B3.2/zero'],
    ...v1,
    async run({ connect, network, one }) {
      const room = `network:${await network()}`;
      const client = await connect(one);
      const position = await positionOf(client, room);
      const ack = await client.ack('session.resume', { positions: [position] });
      mustEqual(
        ack.data.rooms,
        [{ room, status: 'recovered', epoch: position.epoch, seq: position.seq }],
        'the ack',
      );
      mustEqual(logOf(client, room).length, 0, 'events');
    },
  },
  {
    name: 'says gap for an epoch that it does not know, and never claims to have recovered it',
    rules: ['B3.4/gap', 'B3.1/epoch'],
    ...v1,
    async run({ connect, network, one }) {
      const room = `network:${await network()}`;
      const client = await connect(one);
      await client.ack('chat.send', { scope: room, body: 'x' });
      const ack = await client.ack('session.resume', {
        positions: [{ room, epoch: 'another-epoch', seq: 0 }],
      });
      const [answer] = ack.data.rooms as readonly Record<string, unknown>[];
      mustEqual(answer?.status, 'gap', 'status');
      must(
        typeof answer?.epoch === 'string' && Number.isInteger(answer.seq) && Number.isInteger(answer.from),
        'the gap does not say where the room stands, and from where on events can be had',
      );
    },
  },
  {
    name: 'denies rooms that one is not in, and tells nothing about them',
    rules: ['B3.3/denied'],
    ...v1,
    async run({ connect, admin, one, two }) {
      const room = `network:${await admin.newNetwork(one)}`;
      const owner = await connect(one);
      const { epoch } = await positionOf(owner, room);
      await owner.ack('chat.send', { scope: room, body: 'inside' });
      const stranger = await connect(two);
      const ack = await stranger.ack('session.resume', { positions: [{ room, epoch, seq: 0 }] });
      mustDeny(ack);
      mustEqual(logOf(stranger, room).length, 0, 'events that a stranger got');
    },
  },
  {
    name: 'answers for all rooms in one message',
    rules: ['B3.3/one-message'],
    ...v1,
    async run({ connect, network, one }) {
      const rooms = ['host', `network:${await network()}`, `network:${await network()}`];
      const client = await connect(one);
      const positions = await Promise.all(rooms.map((room) => positionOf(client, room)));
      const ack = await client.ack('session.resume', { positions });
      mustEqual(
        (ack.data.rooms as readonly Record<string, unknown>[]).map(({ room, status }) => [room, status]),
        rooms.map((room) => [room, 'recovered']),
        'rooms',
      );
    },
  },
  {
    name: 'keeps the log, the places and the epoch across a restart',
    rules: ['B3.1/survives'],
    needs: 'v1',
    also: ['admin', 'restart'],
    async run({ connect, network, admin, one }) {
      const room = `network:${await network()}`;
      const before = await connect(one);
      const position = await positionOf(before, room);
      await before.ack('chat.send', { scope: room, body: 'survives' });
      await admin.restart?.();
      const after = await connect(one);
      const ack = await after.ack('session.resume', { positions: [position] });
      mustEqual(
        ack.data.rooms,
        [{ room, status: 'recovered', epoch: position.epoch, seq: position.seq + 1 }],
        'the ack',
      );
      mustEqual(
        logOf(after, room).map(({ data }) => data.body),
        ['survives'],
        'events',
      );
    },
  },
  {
    name: 'gives what was missed before anything newer, also while others speak',
    rules: ['B3.3/before-newer', 'B3.1/by-one'],
    ...v1,
    async run({ connect, network, one, two }) {
      const room = `network:${await network()}`;
      const away = await connect(two);
      const position = await positionOf(away, room);
      await away.close();
      const speaker = await connect(one);
      for (let count = 0; count < 10; count++)
        await speaker.ack('chat.send', { scope: room, body: 'missed' });
      const back = await connect(two);
      const resumed = back.request('session.resume', { positions: [position] });
      for (let count = 0; count < 20; count++) speaker.send('chat.send', { scope: room, body: 'newer' });
      await resumed;
      await back.until('thirty events', () => logOf(back, room)[29]);
      mustEqual(
        logOf(back, room).map(({ seq }) => seq),
        Array.from({ length: 30 }, (_, index) => position.seq + 1 + index),
        'places in the order of arrival',
      );
    },
  },
  {
    name: 'lets nobody resume a room that they were removed from',
    rules: ['B3.3/banned'],
    ...v1,
    async run({ connect, network, admin, one, two }) {
      const id = await network();
      const room = `network:${id}`;
      const away = await connect(two);
      const position = await positionOf(away, room);
      await away.close();
      const owner = await connect(one);
      await owner.ack('chat.send', { scope: room, body: 'while away' });
      await admin.ban(id, one, two, 'rules');
      const back = await connect(two);
      const ack = await back.ack('session.resume', { positions: [position] });
      mustDeny(ack);
      mustEqual(logOf(back, room).length, 0, 'events that a banned user got');
    },
  },
]);
