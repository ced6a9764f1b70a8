import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorld, type World } from '../testing/world.js';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

it('B4.2 answers 100 senders at once, each after the fsync of its message', async () => {
  const { operations } = world;
  const owner = await world.user('owner');
  const network = await operations.networks.create(owner, {
    name: 'n',
    visibility: 'public',
    joinPolicy: 'open',
  });
  const scope = `network:${network.id}`;
  const each = Number(process.env.GOCONNECT_SENDS ?? 20);
  const send = async (sender: number) => {
    for (let n = 0; n < each; n++) {
      const key = { opId: `${sender}-${n}` };
      await operations.chat.send({ actor: owner, key }, { scope, body: `message ${n} of sender ${sender}` });
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: 100 }, (_, sender) => send(sender)));
  const seconds = (performance.now() - started) / 1000;
  console.log(`chat.send, 100 senders, SQLite with fsync: ${Math.round((100 * each) / seconds)}/s`);
  const [position] = await world.store.read((tx) => tx.log.positions([scope]));
  expect(position?.seq).toBe(100 * each + 1);
});
