import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createInProcessBus } from '../adapters/in-process-bus.js';
import { openStore } from '../adapters/sql/open-store.js';
import {
  type PostgresServer,
  postgresOrSkip,
  startPostgres,
} from '../adapters/sql/testing/postgres-server.js';
import { seedDemo } from '../dev/seed-demo.js';
import type { Actor, Visibility } from '../domain/entities.js';
import { createIdempotency } from '../http/idempotency.js';
import type { Store } from '../ports/store.js';
import { createOperations } from './create-operations.js';
import type { Dependencies } from './dependencies.js';
import { maintain } from './maintenance.js';
import type { Operations } from './operations.js';
import { outcome } from './testing/outcome.js';
import { createWorld, silent, type World } from './testing/world.js';

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('two nodes on one PostgreSQL', () => {
  let server: PostgresServer;
  let world: World;
  let otherStore: Store;
  let both: readonly [Dependencies, Dependencies];
  let nodes: readonly [Operations, Operations];
  let owner: Actor;
  let member: Actor;

  beforeAll(async () => {
    server = await startPostgres(binaries ?? '');
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    const url = await server.database();
    world = await createWorld(url);
    otherStore = await openStore({ url, clock: world.clock, logger: silent });
    both = [world.deps, { ...world.deps, store: otherStore, bus: createInProcessBus(silent) }];
    nodes = [world.operations, createOperations(both[1])];
    [owner, member] = [await world.user('o'), await world.user('m')];
  });
  afterEach(async () => {
    await otherStore.close();
    await world.close();
  });

  const network = async (
    joinPolicy: 'open' | 'approval' | 'invite' = 'open',
    visibility: Visibility = 'public',
  ) => (await nodes[0].networks.create(owner, { name: 'net', visibility, joinPolicy })).id;
  /** What happened to members of a network, the first one first. */
  const comings = async (id: string) =>
    (await world.log(`network:${id}`))
      .filter(({ type }) => type.startsWith('member.'))
      .map(({ type }) => type);

  it('B4.1 have one effect for one key that reaches both at once', async () => {
    const key = { opId: 'op-1' };
    const data = { scope: 'host', body: 'once' };
    const sends = Array.from({ length: 10 }, (_, n) =>
      (nodes[n % 2] as Operations).chat.send({ actor: member, key }, data),
    );
    const results = await Promise.all(sends);
    expect(new Set(results.map(({ reply }) => reply.message_id)).size).toBe(1);
    expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(await world.log('host')).toHaveLength(1);
  });

  it('promise 8: nothing of a kicked member comes after the kick, whichever node it was sent to', async () => {
    for (let round = 0; round < 10; round++) {
      const input = { name: 'net', visibility: 'public' as const, joinPolicy: 'open' as const };
      const { id } = await nodes[0].networks.create(owner, input);
      await nodes[1].networks.join(member, id);
      const scope = `network:${id}`;
      const send = (node: Operations) => node.chat.send({ actor: member }, { scope, body: 'x' });
      await Promise.allSettled([
        send(nodes[1]),
        send(nodes[0]),
        nodes[0].networks.kick(owner, id, member.userId),
        ...Array.from({ length: 4 }, () => send(nodes[1])),
      ]);
      const types = (await world.log(scope)).map(({ type }) => type);
      expect(types.slice(types.indexOf('admin.kick'))).toEqual(['admin.kick', 'member.left']);
    }
  });

  it('A5.3 give one pair for one op_id that reaches both at once', async () => {
    await nodes[0].sessions.register({ email: 'ada@x.example', password: 'secret' });
    const { refreshToken } = await nodes[1].sessions.login('ada@x.example', 'secret');
    const pairs = await Promise.all(
      nodes.map((node) => node.sessions.refresh(refreshToken, { opId: 'op-1' })),
    );
    expect(pairs[0]).toEqual(pairs[1]);
    expect(world.messages).toEqual([]);
  });

  it('A5.3 know of each other what was answered last, and open it for who has both keys', async () => {
    await nodes[0].sessions.register({ email: 'ada@x.example', password: 'secret' });
    const { refreshToken } = await nodes[0].sessions.login('ada@x.example', 'secret');
    const lost = await nodes[0].sessions.refresh(refreshToken, { opId: 'op-1' });
    expect(await nodes[1].sessions.refresh(refreshToken, { opId: 'op-1' })).toEqual(lost);
  });

  it('let in as many as an invite is for', async () => {
    const id = await network('invite', 'private');
    const { token } = await nodes[0].networks.invite(owner, id, { uses: 1 });
    const people = [member, await world.user('n')] as const;
    const came = people.map((actor, n) => outcome((nodes[n] as Operations).networks.join(actor, id, token)));
    expect((await Promise.all(came)).sort()).toEqual(['ERR_NOT_FOUND', 'ok']);
  });

  it('let nobody into more networks than they may be in', async () => {
    const few = both.map((deps) =>
      createOperations({ ...deps, settings: { ...deps.settings, maxNetworksPerUser: 1 } }),
    );
    const ids = [await network(), await network()];
    for (let round = 0; round < 10; round++) {
      const actor = await world.user('j');
      const joins = few.map((node, n) => outcome(node.networks.join(actor, ids[n] ?? '')));
      expect((await Promise.all(joins)).sort()).toEqual(['ERR_FORBIDDEN too_many_networks', 'ok']);
    }
  });

  it('take one request for two that come at once, and approve it once', async () => {
    const id = await network('approval');
    const asked = await Promise.all(nodes.map((node) => node.networks.join(member, id)));
    expect(asked[0]).toEqual(asked[1]);
    const approved = nodes.map((node) => node.networks.approve(owner, id, member.userId));
    const [one, two] = await Promise.all(approved);
    expect(one).toEqual(two);
    expect(await comings(id)).toEqual(['member.joined', 'member.joined']);
  });

  it('leave nobody in who is banned while they join', async () => {
    const id = await network();
    for (let round = 0; round < 10; round++) {
      const { userId, ...actor } = await world.user('b');
      const [banned] = await Promise.all([
        outcome(nodes[0].networks.ban(owner, id, userId)),
        outcome(nodes[1].networks.join({ userId, ...actor }, id)),
      ]);
      expect(banned).toBe('ok');
      expect(await otherStore.read((tx) => tx.members.get(id, userId))).toBeUndefined();
      expect((await comings(id)).filter((type) => type === 'member.joined').length).toBe(
        1 + (await comings(id)).filter((type) => type === 'member.left').length,
      );
    }
  });

  it('do once what reaches both over HTTP with one key, and give both the same reply', async () => {
    const request = { actor: owner, key: 'k', method: 'POST', url: '/v1/x', body: Buffer.from('{}') };
    const replies = both.map((deps) =>
      createIdempotency({
        ...deps,
        tenantId: 'default',
        operationsOn: (store, bus) => createOperations({ ...deps, store, bus }),
      }).once(request, async ({ networks }) => {
        const input = { name: 'once', visibility: 'public' as const, joinPolicy: 'open' as const };
        return { status: 201, data: { id: (await networks.create(owner, input)).id } };
      }),
    );
    const [one, two] = await Promise.all(replies);
    expect(one).toEqual(two);
    expect((await nodes[0].networks.list(owner, 'mine', { limit: 10 })).networks).toHaveLength(1);
  });

  it('remove what is out of date side by side', async () => {
    const { store, clock } = world;
    const old = clock.now();
    const left = { type: 'member.left' as const, data: { network_id: 'n', user_id: 'u' } };
    await store.write(async (tx) => {
      for (const room of ['a', 'b', 'c']) await tx.log.appendAll(room, Array(500).fill(left), old);
      for (let n = 0; n < 700; n++)
        await tx.operations.insert({ owner: 'o', opId: `${n}`, fingerprint: 'f', reply: '', at: old });
    });
    clock.advance(48 * 3_600_000);
    const retention = { operationsMs: 0, eventsMs: 1 };
    const [one, two] = await Promise.all(both.map((deps) => maintain(deps, retention)));
    expect((one?.events ?? 0) + (two?.events ?? 0)).toBe(1_500);
    expect((one?.operations ?? 0) + (two?.operations ?? 0)).toBeGreaterThanOrEqual(700);
    expect(await store.read((tx) => tx.log.entries('a', 0, 10))).toEqual([]);
    await Promise.all([otherStore.close(), store.close()]);
    expect(await server.deadlocks()).toBe(0);
  });

  it('are given the demonstration once', async () => {
    const seeded = both.map((deps) => seedDemo({ ...deps, tenantId: 'default' }));
    expect((await Promise.all(seeded)).sort()).toEqual([false, true]);
  });
});
