import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TestClient } from './testing/test-client.js';
import { type Person, TestServer } from './testing/test-server.js';

let server: TestServer;
let ada: Person;
let grace: Person;
let witness: TestClient;

beforeEach(async () => {
  server = await TestServer.start();
  [ada, grace] = [await server.person('ada'), await server.person('grace')];
  await server.network(ada, grace);
  witness = await server.base(ada);
  await witness.fence();
});
afterEach(() => server.stop());

/** What the witness was told of grace. */
async function told(): Promise<unknown[]> {
  await witness.fence();
  return witness
    .all('presence.update')
    .filter(({ data }) => data?.user_id === 'grace')
    .map(({ data }) => data?.status);
}

it('tells that a user is online once, however many connections and rooms they share (A4.1)', async () => {
  const one = await server.base(grace);
  await one.fence();
  const two = await server.v1(grace);
  await two.fence();
  expect(await told()).toEqual(['online']);
  expect(witness.all('presence.update').at(-1)?.data).toEqual({
    user_id: 'grace',
    status: 'online',
    since: '2025-11-21T10:00:00.000Z',
  });
});

it('tells offline at once after the last clean close, not before', async () => {
  const [one, two] = [await server.base(grace), await server.base(grace)];
  await Promise.all([one.fence(), two.fence()]);
  await one.close(1000);
  expect(await told()).toEqual(['online']);
  await server.clock.advance(1_000);
  await two.close(1000);
  await expect.poll(told).toEqual(['online', 'offline']);
  expect(witness.all('presence.update').at(-1)?.data?.since).toBe('2025-11-21T10:00:01.000Z');
});

it.each([
  ['broke', (client: TestClient) => client.break()],
  ['went with another code', (client: TestClient) => client.close(4000)],
])('tells offline 15 s after the last connection %s', async (_, leave) => {
  const client = await server.base(grace);
  await client.fence();
  await leave(client);
  await expect.poll(() => server.gateway.stats().connections).toBe(1);
  await server.clock.advance(14_999);
  expect(await told()).toEqual(['online']);
  await server.clock.advance(1);
  expect(await told()).toEqual(['online', 'offline']);
});

it('tells nothing of somebody who is back within 15 s', async () => {
  for (let round = 0; round < 5; round++) {
    const client = await server.base(grace);
    await client.fence();
    await client.break();
    await expect.poll(() => server.gateway.stats().connections).toBe(1);
    await server.clock.advance(14_000);
  }
  expect(await told()).toEqual(['online']);
});

it('tells nobody of another tenant, though they share host (A3.3)', async () => {
  const eve = await server.v1(await server.person('eve', { tenantId: 'other' }));
  await eve.fence();
  const client = await server.base(grace);
  await client.fence();
  await client.close();
  await expect.poll(told).toEqual(['online', 'offline']);
  await eve.fence();
  expect(eve.all('presence.update').map(({ data }) => data?.user_id)).toEqual(['eve']);
  expect((await eve.ask('presence.list', { room: 'host' })).data).toMatchObject({
    total: 1,
    members: [{ user_id: 'eve' }],
  });
});

it('reaches who shares a network but left the room of the tenant, once', async () => {
  await witness.ask('room.leave', { room: 'tenant:acme' });
  const client = await server.base(grace);
  await client.fence();
  expect(await told()).toEqual(['online']);
});

it('lists 1,000 members of a larger network and says how many there are (B3.5)', async () => {
  const network = await server.network(grace);
  await server.store.write(async (tx) => {
    for (let number = 0; number < 1_200; number++) {
      const userId = `member-${number}`;
      await tx.members.put({
        networkId: network.id,
        userId,
        role: 'member',
        joinedAt: server.clock.now() + 1,
      });
    }
  });
  const client = await server.v1(grace);
  const { data } = await client.ask('presence.list', { room: `network:${network.id}` });
  expect(data).toMatchObject({ total: 1_201 });
  expect(data?.members).toHaveLength(1_000);
  expect(data?.members).toContainEqual(expect.objectContaining({ user_id: 'grace', status: 'online' }));
});

it('lists all members of a network and who of them is here (B3.5)', async () => {
  const network = await server.network(grace, ada, await server.person('linus'));
  const client = await server.v1(grace);
  await client.fence();
  const { data } = await client.ask('presence.list', { room: `network:${network.id}` });
  const since = '2025-11-21T10:00:00.000Z';
  expect(data?.total).toBe(3);
  expect(data?.members).toEqual(
    expect.arrayContaining([
      { user_id: 'ada', status: 'online', since },
      { user_id: 'grace', status: 'online', since },
      { user_id: 'linus', status: 'offline', since },
    ]),
  );
  const tenant = await client.ask('presence.list', { room: 'tenant:acme' });
  expect(tenant.data).toMatchObject({ total: 2 });
  expect(server.gateway.presence('acme', ['grace', 'linus'])).toMatchObject([
    { status: 'online' },
    { status: 'offline' },
  ]);
});
