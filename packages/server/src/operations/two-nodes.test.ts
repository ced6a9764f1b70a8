import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createInProcessBus } from '../adapters/in-process-bus.js';
import { openStore } from '../adapters/sql/open-store.js';
import {
  type PostgresServer,
  postgresOrSkip,
  startPostgres,
} from '../adapters/sql/testing/postgres-server.js';
import type { Actor } from '../domain/entities.js';
import type { Store } from '../ports/store.js';
import { createOperations } from './create-operations.js';
import type { Operations } from './operations.js';
import { createWorld, silent, type World } from './testing/world.js';

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('two nodes on one PostgreSQL', () => {
  let server: PostgresServer;
  let world: World;
  let otherStore: Store;
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
    const other = createOperations({ ...world.deps, store: otherStore, bus: createInProcessBus(silent) });
    nodes = [world.operations, other];
    [owner, member] = [await world.user('o'), await world.user('m')];
  });
  afterEach(async () => {
    await otherStore.close();
    await world.close();
  });

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
});
