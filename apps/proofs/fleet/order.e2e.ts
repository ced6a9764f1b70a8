import { randomUUID } from 'node:crypto';
import type { ConformanceUser } from '@goconnect/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effort } from '../support/effort.js';
import type { RawConnection } from '../support/raw-connection.js';
import { asLogin, Fleet } from './support/fleet.js';
import { ground, NO_GROUND } from './support/ground.js';
import { judge, Talk } from './support/talk.js';

const MESSAGES = effort({ test: 400, ci: 1_000, prove: 50_000 });
const WRITERS = 8;
const PATIENCE_MS = 60_000;
const TIMEOUT_MS = 240_000 + MESSAGES * 20;

describe.skipIf(NO_GROUND)('two servers are one', () => {
  const on = ground();
  let fleet: Fleet;
  let ada: ConformanceUser;
  let grace: ConformanceUser;
  let network: string;
  let room: string;

  beforeEach(async () => {
    fleet = await Fleet.start(on());
    ada = await fleet.admin(0).newUser();
    // Who logs in at one of them is known to the other.
    grace = await fleet.admin(1).newUser();
    network = await fleet.admin(1).newNetwork(ada);
    await fleet.admin(0).join(network, grace);
    room = `network:${network}`;
  });
  afterEach(() => fleet.stop());

  it(
    'for chat, edits, history and members, whichever of them does it',
    async () => {
      const here = await fleet.visit(ada, 0);
      const there = await fleet.visit(grace, 1);
      const linus = await fleet.admin(0).newUser();
      const late = await fleet.visit(linus, 0);
      const { message_id: one } = await here.client.room(room).send('said on the first');
      const { message_id: two } = await there.client.room(room).send('said on the second');
      await here.client.chat.edit({ message_id: one, new_body: 'edited on the first' });
      await there.client.chat.delete({ message_id: two, mode: 'soft' });
      // Joins through one, and is in on their connection to the other.
      await fleet.admin(1).join(network, linus);
      await vi.waitUntil(() => late.of(room).length > 0, PATIENCE_MS);
      await late.client.room(room).send('said by who came late');
      await fleet.admin(0).leave(network, grace);
      const happened = [
        'chat.message said on the first',
        'chat.message said on the second',
        'chat.edited edited on the first',
        `chat.deleted ${two}`,
        `member.joined ${linus.id}`,
        'chat.message said by who came late',
        `member.left ${grace.id}`,
      ];
      for (const [guest, from] of [[here, 0] as const, [there, 0] as const, [late, 4] as const]) {
        const told = () => guest.of(room).map(({ type, what }) => `${type} ${what}`);
        await vi.waitUntil(() => told().length >= happened.length - from, PATIENCE_MS).catch(() => {});
        expect(told()).toEqual(happened.slice(from));
      }
      const pages = await Promise.all(
        [0, 1].map(async (at) => (await fleet.visit(ada, at)).client.room(room).history()),
      );
      expect(pages[0]).toEqual(pages[1]);
      expect(pages[0]?.messages.map(({ body }) => body)).toEqual([
        'said by who came late',
        '',
        'edited on the first',
      ]);
    },
    TIMEOUT_MS,
  );

  it(
    `promise 3: have one order without a hole under ${WRITERS} writers, ${MESSAGES} messages`,
    async () => {
      const readers = await Promise.all([0, 1].map((at) => fleet.raw(at, ada.token)));
      const guests = await Promise.all(
        Array.from({ length: WRITERS }, (_, index) => fleet.visit(index % 2 === 0 ? ada : grace, index % 2)),
      );
      const talk = new Talk(guests, room);
      await talk.goesOn(MESSAGES);
      await talk.end();
      await judge(talk, guests, fleet.node(1).http, asLogin(ada));
      const logs = await Promise.all(readers.map((reader) => logOf(reader, talk.acknowledged.size)));
      expect(logs[0]).toHaveLength(talk.acknowledged.size);
      expect(logs[0]).toEqual(logs[1]);
    },
    TIMEOUT_MS,
  );

  /** Every entry with its place, of a reader who was there from the beginning. */
  async function logOf(reader: RawConnection, count: number): Promise<readonly string[]> {
    await vi.waitUntil(() => reader.events.filter((one) => one.room === room).length >= count, PATIENCE_MS);
    await reader.ask('presence.ping', randomUUID(), {});
    const welcome = reader.events.find(({ type }) => type === 'session.welcome');
    const rooms = (welcome?.data?.rooms ?? []) as { readonly room: string; readonly epoch: string }[];
    const epoch = rooms.find((one) => one.room === room)?.epoch;
    expect(epoch).toEqual(expect.any(String));
    return reader.events
      .filter((one) => one.room === room)
      .map(({ type, seq, data }) => JSON.stringify([room, epoch, seq, type, data]));
  }
});
