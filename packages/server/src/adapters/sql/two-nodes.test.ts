import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { StartError } from '../../domain/start-error.js';
import type { Store } from '../../ports/store.js';
import { openStore } from './open-store.js';
import { deferred } from './testing/deferred.js';
import { networkOf } from './testing/network-of.js';
import { type PostgresServer, postgresOrSkip, startPostgres } from './testing/postgres-server.js';
import { clock, event, silent } from './testing/store-contract.js';

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('two nodes on one PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let nodes: [Store, Store];
  const open = () => openStore({ url, clock, logger: silent });
  const append = (store: Store, room: string, word: string) =>
    store.write((tx) => tx.log.append(room, event(word), 1));

  beforeAll(async () => {
    server = await startPostgres(binaries ?? '');
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    url = await server.database();
    // Both migrate at once: one does, the other waits and finds it done.
    nodes = await Promise.all([open(), open()]);
  });
  afterEach(() => Promise.all(nodes.map((node) => node.close())));

  it('B3.1 give one room one order without holes', async () => {
    const entries = await Promise.all(
      Array.from({ length: 60 }, (_, n) => append(nodes[n % 2] ?? nodes[0], 'host', `${n}`)),
    );
    expect(entries.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(entries.map((_, index) => index + 1));
    expect(new Set(entries.map(({ epoch }) => epoch)).size).toBe(1);
    const [one, two] = await Promise.all(
      nodes.map((node) => node.read((tx) => tx.log.entries('host', 0, 100))),
    );
    expect(one).toHaveLength(60);
    expect(one).toEqual(two);
  });

  it('never wait for each other when they write to the same rooms in another order', async () => {
    const rooms = ['network:a', 'network:b', 'network:c', 'network:d'];
    const rounds = Array.from({ length: 15 }, async () => {
      const works = rooms.flatMap((room, n) => [
        append(nodes[0], room, 'one'),
        append(nodes[1], rooms[rooms.length - 1 - n] ?? room, 'two'),
      ]);
      return await Promise.all(works);
    });
    await Promise.all(rounds);
    for (const room of rooms) {
      const entries = await nodes[0].read((tx) => tx.log.entries(room, 0, 100));
      expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    }
    await Promise.all(nodes.map((node) => node.close()));
    expect(await server.deadlocks()).toBe(0);
  });

  it('promise 8: what is read under the lock of a room still holds at the place of the entry', async () => {
    const [one, two] = nodes;
    const member = { networkId: 'n', userId: 'u', role: 'member' as const, joinedAt: 1 };
    for (let round = 0; round < 20; round++) {
      const id = `n${round}`;
      const room = `network:${id}`;
      await one.write(async (tx) => {
        await tx.networks.insert(networkOf(id, 't'));
        await tx.members.put({ ...member, networkId: id });
        await tx.log.append(room, event('born'), 1);
      });
      const kick = one.write(async (tx) => {
        await tx.log.lock(room);
        await tx.members.delete(id, 'u');
        await tx.log.append(room, event('kicked'), 1);
      });
      const sends = Array.from({ length: 5 }, () =>
        two.write(async (tx) => {
          await tx.log.lock(room);
          if ((await tx.members.get(id, 'u')) !== undefined) await tx.log.append(room, event('sent'), 1);
        }),
      );
      await Promise.all([kick, ...sends]);
      const entries = await two.read((tx) => tx.log.entries(room, 0, 100));
      const words = entries.map((entry) => (entry.type === 'member.left' ? entry.data.user_id : ''));
      expect(words.lastIndexOf('sent')).toBeLessThan(words.indexOf('kicked'));
    }
  });

  it('B4.1 remember a key once', async () => {
    const record = { owner: 'o', opId: 'op', fingerprint: 'f', reply: '{}', at: 1 };
    const inserted = await Promise.all(
      nodes.map((node, n) => node.write((tx) => tx.operations.insert({ ...record, reply: `${n}` }))),
    );
    expect(inserted.filter(Boolean)).toHaveLength(1);
  });

  it('A5.3 leave nothing of a family that one revokes while the other spends a token of it', async () => {
    const [one, two] = nodes;
    const token = (tokenHash: string) => ({
      ...{ tokenHash, familyId: 'f', userId: 'u', expiresAt: 9e12 },
      ...{ spentAt: null, spentBy: null, sealedSuccessor: null },
    });
    await one.write((tx) => tx.refreshTokens.insert(token('first')));
    const spent = deferred();
    const held = deferred();
    const spending = one.write(async (tx) => {
      await tx.refreshTokens.spend('first', { at: 1, opId: null, sealedSuccessor: null });
      await tx.refreshTokens.insert(token('second'));
      spent.resolve();
      await held.promise;
    });
    await spent.promise;
    const revoking = two.write((tx) => tx.refreshTokens.deleteFamily('f'));
    const waits = "wait_event_type = 'Lock' AND query LIKE 'delete from %refresh_tokens%'";
    await vi.waitUntil(
      async () => (await server.run(`SELECT 1 FROM pg_stat_activity WHERE ${waits}`)).length > 0,
      10_000,
    );
    held.resolve();
    await Promise.all([spending, revoking]);
    expect(await one.read((tx) => tx.refreshTokens.hasFamily('f'))).toBe(false);
  });

  it('each read sees one moment', async () => {
    const [one, two] = nodes;
    await append(one, 'host', 'a');
    const seen = await two.read(async (tx) => {
      const before = await tx.log.entries('host', 0, 10);
      await append(one, 'host', 'b');
      const after = await tx.log.entries('host', 0, 10);
      return [before.length, after.length];
    });
    expect(seen).toEqual([1, 1]);
  });
});

describe('a PostgreSQL that cannot be used', () => {
  it('is refused with one line that says what to do and no password', async () => {
    const url = 'postgres://me:hunter2@localhost/x?host=/nowhere';
    const error: unknown = await openStore({ url, clock, logger: silent }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StartError);
    expect((error as StartError).message).toBe(
      'DATABASE_URL: PostgreSQL cannot be used: there is no such socket: start PostgreSQL, or correct the path.',
    );
  });
});
