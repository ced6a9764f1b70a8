import { LIMITS } from '@goconnect/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BusListener, RosterUser } from '../ports/bus.js';
import type { TestClient } from './testing/test-client.js';
import { TestServer } from './testing/test-server.js';

let server: TestServer;
/** Ends the reading of the rooms of whoever is slow. */
let roomsRead: () => void;
let hear: BusListener;
/** Ada, connected to this node. */
let asking: TestClient;

beforeEach(async () => {
  const reading = new Promise<void>((resolve) => {
    roomsRead = resolve;
  });
  server = await TestServer.start({
    bus: (real) => ({
      ...real,
      subscribe(listener) {
        hear = listener;
        return real.subscribe(listener);
      },
    }),
    operations: (real) => ({
      ...real,
      rooms: {
        ...real.rooms,
        async roomsOf(actor) {
          if (actor.userId === 'slow') await reading;
          return await real.rooms.roomsOf(actor);
        },
      },
    }),
  });
  asking = await server.v1(await server.person('ada'));
  await asking.fence();
});
afterEach(() => {
  roomsRead();
  return server.stop();
});

/** Another node tells for the first time whom it has. */
function has(node: string, since: number, ...userIds: readonly string[]): void {
  const users = userIds.map(
    (userId): RosterUser => ({
      ...{ userId, tenantId: 'acme', presence: 'here', since, rooms: [] },
      connections: [{ id: `${userId} on ${node}`, stamp: since }],
    }),
  );
  hear([{ kind: 'roster_news', node, number: 1, users }], 'elsewhere');
}

async function list(): Promise<{ total: unknown; members: { user_id: string; since: string }[] }> {
  const { data } = await asking.ask('presence.list', { room: 'tenant:acme' });
  return { total: data?.total, members: data?.members as { user_id: string; since: string }[] };
}

it('lists whoever is on several nodes once, with the time since when they are there (B3.5)', async () => {
  const { wallStart } = server.clock;
  has('two', wallStart + 2, 'ada', 'grace');
  has('three', wallStart + 1, 'ada', 'grace');
  const { total, members } = await list();
  expect(total).toBe(2);
  expect(members.map(({ user_id, since }) => [user_id, Date.parse(since)])).toEqual([
    ['ada', wallStart],
    ['grace', wallStart + 1],
  ]);
});

it('lists who is on another node while their connection to this one is not open yet', async () => {
  const client = await server.base(await server.person('slow'));
  expect((await list()).members.map(({ user_id }) => user_id)).toEqual(['ada']);
  has('two', server.clock.wallStart, 'slow');
  const { total, members } = await list();
  expect([total, members.map(({ user_id }) => user_id)]).toEqual([2, ['ada', 'slow']]);
  roomsRead();
  await client.fence();
  expect((await list()).total).toBe(2);
});

it('lists 1,000 of more who are online, wherever that is, and says how many there are', async () => {
  const many = Array.from({ length: LIMITS.presenceMembers + 200 }, (_, index) => `user-${index}`);
  has('two', server.clock.wallStart, ...many);
  const { total, members } = await list();
  expect(total).toBe(many.length + 1);
  expect(new Set(members.map(({ user_id }) => user_id)).size).toBe(LIMITS.presenceMembers);
  expect(members).toHaveLength(LIMITS.presenceMembers);
});
