import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Bus, BusMessage } from '../ports/bus.js';
import { turns } from './testing/test-clock.js';
import { type Person, TENANT, TestServer } from './testing/test-server.js';

let server: TestServer;
afterEach(() => server.stop());

/** Small and repeatable; the seed is in the name of the test. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

function faulty(real: Bus, mangle: (messages: readonly BusMessage[]) => readonly BusMessage[]): Bus {
  return { ...real, publish: (messages) => real.publish(mangle(messages)) };
}

it.each([1, 2, 3, 4, 5])(
  'shows everyone one order without holes on a bus that loses, repeats and reorders (B3.1, seed %i)',
  async (seed) => {
    const random = generator(seed);
    const late: BusMessage[] = [];
    const mangle = (messages: readonly BusMessage[]) => {
      const out = messages.flatMap((message) => {
        if (message.kind !== 'entry' || message.entry.data === undefined) return [message];
        const dice = random();
        if (dice < 0.3) return [];
        if (dice < 0.5) return [message, message];
        if (dice < 0.7) {
          late.push(message);
          return [];
        }
        return [message, ...late.splice(0)];
      });
      return random() < 0.5 ? out : [...out].reverse();
    };
    server = await TestServer.start({ bus: (real) => faulty(real, mangle) });
    const ada = await server.person('ada');
    const [one, two] = [await server.v1(ada), await server.base(await server.person('grace'))];
    await Promise.all([one.fence(), two.fence()]);
    for (let count = 0; count < 120; count++) {
      await server.operations.chat.send({ actor: ada }, { scope: 'host', body: `${count}` });
      await server.clock.advance(300);
    }
    // The last ones may have been lost: only the log shows that.
    await server.clock.advance(12_000);
    await Promise.all([one.fence(), two.fence()]);
    const seqs = one.received.flatMap(({ seq }) => seq ?? []);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(seqs.length).toBe(120);
    expect(two.all('chat.message').map(({ data }) => data?.id)).toEqual(
      one.all('chat.message').map(({ data }) => data?.id),
    );
  },
);

it('finds out about a removal whose hint was lost, although nothing follows it (promise 8)', async () => {
  let lose = false;
  server = await TestServer.start({ bus: (real) => faulty(real, (messages) => (lose ? [] : messages)) });
  const [ada, grace] = [await server.person('ada'), await server.person('grace')];
  const network = await server.network(ada, grace);
  const client = await server.v1(grace);
  await client.fence();
  lose = true;
  await server.operations.networks.kick(ada, network.id, grace.userId);
  lose = false;
  await server.operations.chat.send({ actor: ada }, { scope: 'host', body: 'elsewhere' });
  await client.fence();
  expect(client.all('member.left')).toEqual([]);
  await server.clock.advance(10_000);
  await client.fence();
  expect(client.all('member.left').map(({ room }) => room)).toEqual([`network:${network.id}`]);
});

it('sends off whoever joined a room of which nobody is here, when the hint of it was lost (A3.2)', async () => {
  let lose = false;
  server = await TestServer.start({ bus: (real) => faulty(real, (messages) => (lose ? [] : messages)) });
  const [ada, grace] = [await server.person('ada'), await server.person('grace')];
  const network = await server.network(ada);
  const client = await server.v1(grace);
  await client.fence();
  lose = true;
  await server.operations.networks.join(grace, network.id);
  lose = false;
  await server.clock.advance(10_000);
  await client.fence();
  await server.clock.advance(80_000);
  expect(await client.closed).toEqual({ code: 1011, reason: 'internal_error' });
  const back = await server.v1(grace);
  await back.fence();
  await server.clock.advance(80_000);
  await back.fence();
});

/** A bus that hands entries on when told to, or never. */
function holding(): { readonly bus: (real: Bus) => Bus; hold(): void; release(): void; lose(): void } {
  let held: BusMessage[] | undefined;
  let inner: Bus | undefined;
  const letGo = (what: 'release' | 'lose') => {
    const messages = held ?? [];
    held = undefined;
    if (what === 'release') inner?.publish(messages);
  };
  return {
    bus(real) {
      inner = real;
      return {
        ...real,
        publish(messages) {
          const kept = messages.filter(({ kind }) => held && kind === 'entry');
          held?.push(...kept);
          real.publish(messages.filter((message) => !kept.includes(message)));
        },
      };
    },
    hold() {
      held = [];
    },
    release: () => letGo('release'),
    lose: () => letGo('lose'),
  };
}

describe('a device of somebody who joined, of which the hint comes when the room is here already (A3.2)', () => {
  it.each([
    ['late', 'release'],
    ['never', 'lose'],
  ] as const)('or %s: it comes back, the other one stays', async (_, fate) => {
    const { bus, ...hint } = holding();
    server = await TestServer.start({ bus });
    const ada = await server.person('ada');
    const first = await server.v1(ada);
    await first.fence();
    hint.hold();
    const { id } = await server.network(ada);
    const second = await server.v1(ada);
    hint[fate]();
    for (let waited = 0; fate === 'lose' && waited < 9; waited++) {
      await server.clock.advance(10_000);
      await second.fence();
    }
    expect(await first.closed).toEqual({ code: 1011, reason: 'internal_error' });
    await second.ask('chat.send', { scope: `network:${id}`, body: 'here' });
    await second.fence();
    expect(second.all('chat.message')).toHaveLength(1);
  });

  /** Ada and grace before a network that is ada's, or of both, and of which this node has not heard. */
  async function strangersTo(bus: (real: Bus) => Bus, whose: 'ada' | 'both' = 'ada') {
    folder = await mkdtemp(join(tmpdir(), 'goconnect-hint-'));
    const databaseUrl = `file:${join(folder, 'a.db')}`;
    server = await TestServer.start({ databaseUrl });
    const [ada, grace] = [await server.person('ada'), await server.person('grace')];
    const network = await server.network(ada, ...(whose === 'both' ? [grace] : []));
    await server.stop();
    let held: { readonly userId: string; readonly until: Promise<void>; reached: boolean } | undefined;
    server = await TestServer.start({
      databaseUrl,
      bus,
      operations: (real) => ({
        ...real,
        rooms: {
          ...real.rooms,
          async roomsOf(actor) {
            const rooms = await real.rooms.roomsOf(actor);
            if (held?.userId !== actor.userId) return rooms;
            held.reached = true;
            await held.until;
            return rooms;
          },
        },
      }),
    });
    /** Opens a connection whose rooms are read now and used when the test goes on. */
    async function slow(person: Person) {
      let goOn = () => {};
      const until = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      held = { userId: person.userId, until, reached: false };
      const client = await server.client(`/v1/ws?token=${person.token}`);
      await expect.poll(() => held?.reached).toBe(true);
      held = undefined;
      return { client, goOn };
    }
    return { ada, grace, network, slow };
  }
  let folder: string | undefined;
  afterEach(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true });
    folder = undefined;
  });

  it('because of somebody else: it comes back', async () => {
    const { bus, ...hint } = holding();
    const { ada, grace, network } = await strangersTo(bus);
    const client = await server.v1(grace);
    await client.fence();
    hint.hold();
    await server.operations.networks.join(grace, network.id);
    const other = await server.v1(ada);
    await other.fence();
    hint.release();
    expect(await client.closed).toEqual({ code: 1011, reason: 'internal_error' });
    await other.fence();
  });

  it('while it was being opened: it comes back at once', async () => {
    const { bus, ...hint } = holding();
    const { ada, grace, network, slow } = await strangersTo(bus);
    const { client, goOn } = await slow(grace);
    hint.hold();
    await server.operations.networks.join(grace, network.id);
    await (await server.v1(ada)).fence();
    hint.release();
    goOn();
    expect((await client.closed).code).toBe(1011);
  });

  it('and has left its room on purpose: it stays', async () => {
    const { bus, ...hint } = holding();
    const { ada, grace, network } = await strangersTo(bus);
    const room = `network:${network.id}`;
    const client = await server.v1(grace);
    hint.hold();
    await server.operations.networks.join(grace, network.id);
    await (await server.v1(ada)).fence();
    expect((await client.ask('room.join', { room })).type).toBe('ack');
    expect((await client.ask('room.leave', { room })).type).toBe('ack');
    hint.release();
    await client.fence();
    expect(client.ws.readyState).toBe(client.ws.OPEN);
  });

  it.each(['release', 'lose'] as const)(
    'and was removed while opening, whatever becomes of that hint (%s): it hears nothing more (A4.2)',
    async (fate) => {
      const { bus, ...hint } = holding();
      const { ada, grace, network, slow } = await strangersTo(bus, 'both');
      const { client, goOn } = await slow(grace);
      hint.hold();
      await server.operations.networks.kick(ada, network.id, 'grace');
      const other = await server.v1(ada);
      await other.fence();
      hint[fate]();
      goOn();
      await server.operations.chat.send({ actor: ada }, { scope: `network:${network.id}`, body: 'secret' });
      await other.next('chat.message');
      await client.fence();
      expect(client.all('chat.message')).toEqual([]);
    },
  );
});

it('goes on with somebody who joins in the first entry of a new epoch', async () => {
  server = await TestServer.start();
  const client = await server.base(await server.person('grace'));
  await client.fence();
  const joins = (userId: string, epoch: string, seq: number) => {
    const event = { type: 'member.joined', data: { network_id: 'x', user_id: userId } } as const;
    const place = { room: 'network:x', epoch, seq, at: 0, tenantId: TENANT };
    server.bus.publish([{ kind: 'entry', entry: { ...event, ...place } }]);
  };
  joins('ada', 'before', 1);
  await turns(3);
  joins('grace', 'after', 1);
  joins('linus', 'after', 2);
  await client.next(({ data }) => data?.user_id === 'linus');
  expect(client.all('member.joined').map(({ data }) => data?.user_id)).toEqual(['grace', 'linus']);
});

it('sends everyone off to resume when the log cannot be read, instead of going on with a hole', async () => {
  let lose = false;
  server = await TestServer.start({
    bus: (real) => faulty(real, (messages) => (lose ? [] : messages)),
    operations: (real) => ({
      ...real,
      rooms: { ...real.rooms, entriesAfter: () => Promise.reject(new Error('away')) },
    }),
  });
  const ada = await server.person('ada');
  const client = await server.v1(ada);
  await client.fence();
  const say = () => server.operations.chat.send({ actor: ada }, { scope: 'host', body: 'x' });
  lose = true;
  await say();
  lose = false;
  await say();
  await server.clock.advance(12_000);
  expect(await client.closed).toEqual({ code: 1011, reason: 'internal_error' });
  expect(client.all('chat.message')).toEqual([]);
});
