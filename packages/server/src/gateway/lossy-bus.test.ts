import { afterEach, expect, it } from 'vitest';
import type { Bus, BusMessage } from '../ports/bus.js';
import { TestServer } from './testing/test-server.js';

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
