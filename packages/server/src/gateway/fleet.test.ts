import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BusMessage } from '../ports/bus.js';
import type { TestClient } from './testing/test-client.js';
import { turns } from './testing/test-clock.js';
import { TestFleet } from './testing/test-fleet.js';
import type { Person, TestServer, TestServerOptions } from './testing/test-server.js';

let fleet: TestFleet;
let one: TestServer;
let two: TestServer;
let ada: Person;
let grace: Person;
/** Ada, connected to the first node. */
let witness: TestClient;

async function start(options: TestServerOptions = {}): Promise<void> {
  fleet = await TestFleet.start(['one', 'two'], options);
  [one, two] = [fleet.node('one'), fleet.node('two')];
  [ada, grace] = [await one.person('ada'), await one.person('grace')];
  await one.network(ada, grace);
  witness = await one.base(ada);
  await witness.fence();
}

afterEach(() => fleet.stop());

/** What a client was told of grace. */
function statusesOf(client: TestClient): unknown[] {
  return client
    .all('presence.update')
    .filter(({ data }) => data?.user_id === 'grace')
    .map(({ data }) => data?.status);
}

/** What ada was told of grace. */
async function told(): Promise<unknown[]> {
  await fleet.settle();
  await witness.fence();
  return statusesOf(witness);
}

async function roomsOf(person: Person): Promise<readonly string[]> {
  return (await one.operations.rooms.roomsOf(person)).map(({ room }) => room);
}

const slowToRead: TestServerOptions['operations'] = (real) => ({
  ...real,
  rooms: {
    ...real.rooms,
    async roomsOf(actor) {
      const positions = await real.rooms.roomsOf(actor);
      await turns(2);
      return positions;
    },
  },
});

const isRoster = ({ kind }: BusMessage) => kind.startsWith('roster');

/** What each node says of grace. */
function presence(): readonly string[] {
  return ['one', 'two'].map((name) => fleet.node(name).gateway.presence('acme', ['grace'])[0]?.status ?? '');
}

describe('presence on several nodes (A4.1)', () => {
  beforeEach(() => start());

  it('is told once, whichever node a user is on', async () => {
    const first = await two.base(grace);
    await first.fence();
    expect(await told()).toEqual(['online']);
    const second = await one.base(grace);
    await second.fence();
    await first.close();
    expect(await told()).toEqual(['online']);
    expect(presence()).toEqual(['online', 'online']);
    await second.close();
    expect(await told()).toEqual(['online', 'offline']);
    expect(presence()).toEqual(['offline', 'offline']);
  });

  it('counts the grace of a broken line as being here, also for a connection to another node', async () => {
    const first = await two.base(grace);
    await first.fence();
    await first.break();
    await expect.poll(() => two.gateway.stats().connections).toBe(0);
    expect(presence()).toEqual(['online', 'online']);
    await fleet.clock.advance(10_000);
    const second = await one.base(grace);
    await second.fence();
    await fleet.clock.advance(20_000);
    expect(await told()).toEqual(['online']);
    await second.break();
    await expect.poll(() => one.gateway.stats().connections).toBe(1);
    await fleet.clock.advance(14_000);
    expect(await told()).toEqual(['online']);
    await fleet.clock.advance(1_000);
    expect(await told()).toEqual(['online', 'offline']);
  });

  it('lists who is on other nodes, with the time since when they are there', async () => {
    const client = await two.base(grace);
    await client.fence();
    await fleet.settle();
    const asking = await one.v1(ada);
    const { data } = await asking.ask('presence.list', { room: 'tenant:acme' });
    expect(data?.total).toBe(2);
    const members = data?.members as { user_id: string; since: string }[];
    expect(members.map(({ user_id }) => user_id).sort()).toEqual(['ada', 'grace']);
    const since = two.gateway.presence('acme', ['grace'])[0]?.since;
    expect(members.find(({ user_id }) => user_id === 'grace')?.since).toBe(
      new Date(since ?? 0).toISOString(),
    );
  });

  it('is right on every node where two crossed each other', async () => {
    const first = await two.base(grace);
    await first.fence();
    await told();
    // Node one does not hear that she left node two, where she is known to be gone for a moment.
    const other = await two.base(ada);
    await other.fence();
    fleet.carry((message, from) => (isRoster(message) && from === 'two' ? 'is_held' : 'arrives'));
    await first.close();
    const second = await one.base(grace);
    await second.fence();
    expect(await told()).toEqual(['online']);
    fleet.carry(() => 'arrives');
    fleet.release();
    expect(await told()).toEqual(['online']);
    await other.fence();
    expect(statusesOf(other)).toEqual(['offline', 'online']);
    expect(presence()).toEqual(['online', 'online']);
  });

  it('is not told of somebody who moves, also before it is heard that they are there', async () => {
    // As a database does: another turn comes before the connection is open.
    await fleet.stop();
    await start({ operations: slowToRead });
    const first = await one.base(grace);
    await first.fence();
    expect(await told()).toEqual(['online']);
    fleet.carry((message) =>
      message.kind === 'roster_news' && message.users.some((user) => user.presence === 'here')
        ? 'is_held'
        : 'arrives',
    );
    const second = await two.base(grace);
    await second.fence();
    await first.close();
    expect(await told()).toEqual(['online']);
    fleet.carry(() => 'arrives');
    fleet.release();
    await fleet.clock.advance(20_000);
    expect(await told()).toEqual(['online']);
    await second.close();
    expect(await told()).toEqual(['online', 'offline']);
  });

  it('is told by one node when two lost the same user at one moment', async () => {
    const [first, second] = [await one.base(grace), await two.base(grace)];
    await Promise.all([first.fence(), second.fence()]);
    await fleet.settle();
    fleet.carry((message) => (isRoster(message) ? 'is_held' : 'arrives'));
    await Promise.all([first.close(), second.close()]);
    await fleet.settle();
    fleet.carry(() => 'arrives');
    fleet.release();
    await expect.poll(told).toEqual(['online', 'offline']);
    expect(presence()).toEqual(['offline', 'offline']);
  });

  it('of a node that is gone is told after the time to come back, once, by the others', async () => {
    const client = await two.base(grace);
    await client.fence();
    expect(await told()).toEqual(['online']);
    await fleet.kill('two');
    await fleet.clock.advance(44_000);
    expect(await told()).toEqual(['online']);
    await fleet.clock.advance(35_000);
    await expect.poll(told).toEqual(['online', 'offline']);
  });

  it('of a node that is gone is told also where another one came in its place, which sorts first and never heard of it', async () => {
    const client = await two.base(grace);
    await client.fence();
    expect(await told()).toEqual(['online']);
    await fleet.kill('two');
    await fleet.join('a new one');
    await fleet.clock.advance(44_000);
    await fleet.clock.advance(35_000);
    await expect.poll(told).toEqual(['online', 'offline']);
  });

  it('of a node that was not heard for long, and is again, is told anew, once', async () => {
    const three = await fleet.join('three');
    const client = await two.base(grace);
    await client.fence();
    await told();
    fleet.carry((_, from, to) => (from === 'two' || to === 'two' ? 'is_lost' : 'arrives'));
    await fleet.clock.advance(44_000);
    await fleet.clock.advance(35_000);
    await expect.poll(told).toEqual(['online', 'offline']);
    expect(presence()).toEqual(['offline', 'online']);
    fleet.carry(() => 'arrives');
    await fleet.clock.advance(31_000);
    await expect.poll(told).toEqual(['online', 'offline', 'online']);
    expect(presence()).toEqual(['online', 'online']);
    expect(three.gateway.presence('acme', ['grace'])[0]?.status).toBe('online');
  });

  it('of a node that ends is kept for those who come back to another one', async () => {
    const client = await two.base(grace);
    await client.fence();
    await told();
    await two.gateway.stop();
    await fleet.clock.advance(5_000);
    const back = await one.base(grace);
    await back.fence();
    await fleet.clock.advance(60_000);
    expect(await told()).toEqual(['online']);
    await back.close();
    expect(await told()).toEqual(['online', 'offline']);
  });

  it('stands still while other nodes cannot be heard, and is right again after it', async () => {
    const client = await two.base(grace);
    await client.fence();
    await told();
    for (const name of ['one', 'two']) fleet.line(name, 'down');
    fleet.carry(() => 'is_lost');
    await fleet.clock.advance(300_000);
    expect(await told()).toEqual(['online']);
    await client.close();
    await fleet.settle();
    fleet.carry(() => 'arrives');
    for (const name of ['one', 'two']) fleet.line(name, 'up');
    await fleet.settle();
    expect(presence()).toEqual(['offline', 'offline']);
    expect(await told()).toEqual(['online', 'offline']);
  });

  it('shows in a network that was joined on another node, and says since when', async () => {
    const client = await two.base(grace);
    await client.fence();
    const { id } = await one.network(ada, grace);
    await fleet.settle();
    const onlyThere = await one.base(ada);
    for (const room of ['tenant:acme', ...(await roomsOf(ada)).filter((room) => room !== `network:${id}`)])
      await onlyThere.ask('room.leave', { room });
    await fleet.clock.advance(1_000);
    await client.close();
    await fleet.settle();
    await onlyThere.fence();
    expect(statusesOf(onlyThere).at(-1)).toBe('offline');
    const left = onlyThere.all('presence.update').at(-1)?.data?.since;
    expect(one.gateway.presence('acme', ['grace'])[0]?.since).toBe(Date.parse(String(left)));
    expect(two.gateway.presence('acme', ['grace'])[0]?.since).toBe(Date.parse(String(left)));
  });

  it('is told to everybody after a time in which nobody could be heard, on whatever node they are', async () => {
    const linus = await one.person('linus');
    const other = await two.base(linus);
    await other.fence();
    const leaver = await two.base(grace);
    await leaver.fence();
    expect(await told()).toEqual(['online']);
    for (const name of ['one', 'two']) fleet.line(name, 'down');
    fleet.carry(() => 'is_lost');
    await leaver.close();
    const mary = await one.person('mary');
    const comer = await one.base(mary);
    await comer.fence();
    await fleet.settle();
    fleet.carry(() => 'arrives');
    for (const name of ['one', 'two']) fleet.line(name, 'up');
    expect(await told()).toEqual(['online', 'offline']);
    await other.fence();
    const heard = other.all('presence.update').map(({ data }) => `${data?.user_id} ${data?.status}`);
    expect(heard.filter((update) => update.startsWith('mary'))).toEqual(['mary online']);
    expect(heard.filter((update) => update.startsWith('grace'))).toEqual(['grace online', 'grace offline']);
  });

  it('of a node that is gone is told although the line was down meanwhile, and newcomers never knew it', async () => {
    const client = await two.base(grace);
    await client.fence();
    expect(await told()).toEqual(['online']);
    await fleet.kill('two');
    await fleet.join('a new one');
    fleet.line('one', 'down');
    await fleet.clock.advance(10_000);
    fleet.line('one', 'up');
    await fleet.clock.advance(80_000);
    expect(await told()).toEqual(['online', 'offline']);
  });

  it('is known to a node that starts later', async () => {
    const client = await two.base(grace);
    await client.fence();
    const three = await fleet.join('three');
    expect(three.gateway.presence('acme', ['grace'])[0]?.status).toBe('online');
    expect(three.gateway.stats().nodes).toBe(3);
  });

  it('is right in the end on a bus that loses four of five words', async () => {
    let dice = 1;
    fleet.carry(() => {
      dice = (dice * 1_103_515_245 + 12_345) % 2 ** 31;
      return dice % 5 === 0 ? 'arrives' : 'is_lost';
    });
    for (let round = 0; round < 8; round++) {
      const client = await (round % 2 === 0 ? one : two).base(grace);
      await client.fence();
      await fleet.settle();
      if (round < 7) await client.close();
      await fleet.settle();
    }
    fleet.carry(() => 'arrives');
    await fleet.clock.advance(31_000);
    expect(presence()).toEqual(['online', 'online']);
  });
});

describe('connections of a user on several nodes (A6.5)', () => {
  const TWIN = '?client_id=7d444840-9dc0-11d1-b245-5ffdce74fad2';

  it('a newer twin takes the place of the older one, wherever that is', async () => {
    await start({ settings: { maxConnectionsPerUser: 1 } });
    const older = await two.v1(grace, TWIN);
    await fleet.settle();
    const newer = await one.v1(grace, TWIN);
    expect(await older.closed).toEqual({ code: 4409, reason: 'replaced' });
    await newer.fence();
    expect(await told()).toEqual(['online']);
  });

  it('a newer twin takes the place although the clock of its node is behind', async () => {
    await start();
    // Far from the stamp that node one gave last: without those of others it would go on from there.
    await fleet.clock.advance(1_000);
    const older = await two.v1(grace, TWIN);
    await fleet.settle();
    fleet.clock.stepWall(-4_000);
    const newer = await one.v1(grace, TWIN);
    expect((await older.closed).code).toBe(4409);
    await newer.fence();
  });

  it('a device that moves between two other nodes takes the place of no other', async () => {
    await start({ settings: { maxConnectionsPerUser: 2 } });
    const three = await fleet.join('three', { settings: { maxConnectionsPerUser: 2 } });
    const older = await two.v1(grace, TWIN);
    await fleet.settle();
    // Node one hears of the newer one before it hears that the older one is gone.
    fleet.carry((message, _, to) => (isRoster(message) && to === 'one' ? 'is_held' : 'arrives'));
    const newer = await three.v1(grace, TWIN);
    expect((await older.closed).code).toBe(4409);
    const other = await one.base(grace);
    await other.fence();
    fleet.carry(() => 'arrives');
    fleet.release();
    await fleet.settle();
    await Promise.all([newer.fence(), other.fence()]);
  });

  it('a drain lets its clients go over by themselves', async () => {
    await start();
    const older = await two.v1(grace, TWIN);
    await older.fence();
    const drained = two.gateway.drain({ windowMs: 1_000, deadlineMs: 5_000, reason: 'restart' });
    const newer = await one.v1(grace, TWIN);
    await newer.fence();
    await fleet.settle();
    await older.fence();
    await older.close();
    await drained;
    await newer.fence();
  });

  it('count on all nodes together', async () => {
    await start({ settings: { maxConnectionsPerUser: 2 } });
    const [first, second] = [await two.base(grace), await one.base(grace)];
    await Promise.all([first.fence(), second.fence()]);
    await fleet.settle();
    const refused = expect(one.base(grace)).rejects.toThrow('429');
    await advanceUntil(refused);
    await first.close();
    await fleet.settle();
    await (await one.base(grace)).fence();
  });

  it('a dead one on another node gives its place away', async () => {
    await start({ settings: { maxConnectionsPerUser: 1 } });
    const zombie = await two.base(grace);
    await zombie.fence();
    await fleet.clock.advance(5_000);
    (zombie.ws as unknown as { _socket: { pause(): void } })._socket.pause();
    const coming = one.base(grace);
    await advanceUntil(coming);
    await (await coming).fence();
    expect(two.gateway.stats().connections).toBe(0);
    zombie.ws.terminate();
  });

  it('let in on two nodes at one moment: the later of too many goes again', async () => {
    await start({ settings: { maxConnectionsPerUser: 2 } });
    const first = await one.base(grace);
    await fleet.settle();
    fleet.carry((message) => (isRoster(message) ? 'is_held' : 'arrives'));
    const second = await one.base(grace);
    await fleet.clock.advance(10);
    const third = await two.base(grace);
    await Promise.all([first.fence(), second.fence(), third.fence()]);
    fleet.carry(() => 'arrives');
    fleet.release();
    expect(await third.closed).toEqual({ code: 4429, reason: '{"retry_after_ms":5000}' });
    await Promise.all([first.fence(), second.fence()]);
  });

  /** Lets time pass until it is settled. */
  async function advanceUntil(promise: Promise<unknown>): Promise<void> {
    let settled = false;
    const done = promise.then(
      () => {
        settled = true;
      },
      () => {
        settled = true;
      },
    );
    await expect
      .poll(async () => {
        await fleet.clock.advance(500);
        return settled;
      })
      .toBe(true);
    await done;
  }
});

describe('messages into a network on several nodes (A6.2)', () => {
  const LIMIT = { settings: { networkRate: { limit: 10, windowMs: 60_000 } } };

  async function send(client: TestClient, scope: string): Promise<string> {
    const { type, error } = await client.ask('chat.send', { scope, body: 'x' });
    await fleet.settle();
    return error?.code ?? type;
  }

  it('count together', async () => {
    await start(LIMIT);
    const { id } = await one.network(ada, grace);
    const client = await two.base(grace);
    const answers: string[] = [];
    for (let count = 0; count < 12; count++)
      answers.push(await send(count % 2 === 0 ? witness : client, `network:${id}`));
    expect(answers).toEqual([...Array(10).fill('ack'), 'ERR_RATE_LIMIT', 'ERR_RATE_LIMIT']);
    await fleet.clock.advance(60_000);
    expect(await send(client, `network:${id}`)).toBe('ack');
  });

  it('are refused on each node with the time after which one is let in, on whichever comes first (A2.4)', async () => {
    await start(LIMIT);
    const { id } = await one.network(ada, grace);
    const client = await two.base(grace);
    const ask = async (who: TestClient) => {
      const { type, error } = await who.ask('chat.send', { scope: `network:${id}`, body: 'x' });
      return error?.details.retry_after_ms ?? type;
    };
    const startedAt = fleet.clock.now();
    for (let count = 0; count < 10; count++) {
      expect(await ask(count % 2 === 0 ? witness : client)).toBe('ack');
      await fleet.clock.advance(1_000);
    }
    // Each place is free again when its minute is over, whoever had it.
    for (const [place, who] of [witness, client, client, witness].entries()) {
      const waitMs = startedAt + place * 1_000 + 60_000 - fleet.clock.now();
      expect([await ask(witness), await ask(client)]).toEqual([waitMs, waitMs]);
      await fleet.clock.advance(waitMs - 1);
      expect([await ask(witness), await ask(client)]).toEqual([1, 1]);
      await fleet.clock.advance(1);
      expect(await ask(who)).toBe('ack');
      await turns(10);
    }
  });

  it('are refused with a time that holds also while the nodes do not hear each other', async () => {
    await start(LIMIT);
    const { id } = await one.network(ada, grace);
    await (await two.base(grace)).fence();
    for (const name of ['one', 'two']) fleet.line(name, 'down');
    fleet.carry(() => 'is_lost');
    const ask = async () => {
      const { type, error } = await witness.ask('chat.send', { scope: `network:${id}`, body: 'x' });
      return error?.details.retry_after_ms ?? type;
    };
    for (let count = 0; count < 5; count++) {
      expect(await ask()).toBe('ack');
      await fleet.clock.advance(1_000);
    }
    expect(await ask()).toBe(55_000);
    await fleet.clock.advance(54_999);
    expect(await ask()).toBe(1);
    await fleet.clock.advance(1);
    expect([await ask(), await ask()]).toEqual(['ack', 1_000]);
  });

  it('are shared out among the nodes while these do not hear each other', async () => {
    await start(LIMIT);
    const { id } = await one.network(ada, grace);
    const client = await two.base(grace);
    await client.fence();
    for (const name of ['one', 'two']) fleet.line(name, 'down');
    fleet.carry(() => 'is_lost');
    const answers: string[] = [];
    for (let count = 0; count < 14; count++)
      answers.push(await send(count % 2 === 0 ? witness : client, `network:${id}`));
    expect(answers.filter((answer) => answer === 'ack')).toHaveLength(10);
  });
});

describe('a line that is back', () => {
  it('has the log looked at, at once', async () => {
    await start();
    const client = await two.v1(grace);
    await client.fence();
    fleet.line('two', 'down');
    fleet.carry(() => 'is_lost');
    expect((await witness.ask('chat.send', { scope: 'host', body: 'unheard' })).type).toBe('ack');
    await client.fence();
    expect(client.all('chat.message')).toEqual([]);
    fleet.carry(() => 'arrives');
    fleet.line('two', 'up');
    await fleet.settle();
    expect((await client.next('chat.message')).data?.body).toBe('unheard');
  });
});
