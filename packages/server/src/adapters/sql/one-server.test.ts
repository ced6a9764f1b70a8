import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { StartError } from '../../domain/start-error.js';
import type { Store } from '../../ports/store.js';
import { systemClock } from '../system-clock.js';
import { openStore } from './open-store.js';
import { holdDatabase } from './postgres/server-lock.js';
import { CommitProxy } from './testing/commit-proxy.js';
import { type PostgresServer, postgresOrSkip, startPostgres } from './testing/postgres-server.js';
import { clock, event, silent } from './testing/store-contract.js';

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('a database on PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let logged: string[];
  let told: string[];
  const log = (_: object, text: string) => void logged.push(text);
  const logger = { debug() {}, info: log, warn: log, error: log };
  const hold = (more: { readonly waitMs?: number } = {}) =>
    holdDatabase({
      url,
      servers: 'one',
      logger,
      clock: systemClock,
      waitMs: 50,
      assertOurs: async () => {},
      takenOver: () => {},
      heldAgain: () => {},
      ...more,
    });
  const serve = (name: string, at = url) =>
    openStore({
      url: at,
      clock: systemClock,
      logger: { ...silent, error: log },
      servers: 'one',
      onTakenOver: () => told.push(name),
    });
  const say = (store: Store, word: string) => store.write((tx) => tx.log.append('host', event(word), 1));
  const words = async (store: Store) =>
    (await store.read((tx) => tx.log.entries('host', 0, 1_000))).map(({ data }) =>
      Reflect.get(data, 'user_id'),
    );
  const cut = () => server.cutLocks();
  const waiting = (statement: string) => server.untilWaiting(statement);
  const said = (text: string) => vi.waitUntil(() => logged.some((line) => line.includes(text)), 10_000);

  beforeAll(async () => {
    server = await startPostgres(binaries ?? '');
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    url = await server.database();
    logged = [];
    told = [];
  });

  it('is for one server; the next one gets it when the first is gone', async () => {
    const release = await hold();
    const refusal: unknown = await hold().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartError);
    expect((refusal as StartError).message).toMatch(
      /^DATABASE_URL: another server has this database.*stop that one/,
    );
    const waiting = hold({ waitMs: 5_000 });
    await release();
    await (await waiting)();
    expect(logged).toEqual([]);
  });

  it('in another schema is another one', async () => {
    const release = await hold();
    url = await server.database();
    await (await hold())();
    await release();
  });

  it('is taken again when the line breaks, and the server goes on meanwhile', async () => {
    const store = await openStore({ url, clock: systemClock, logger, servers: 'one' });
    await cut();
    await store.write((tx) => tx.log.append('host', event('a'), 1));
    await said('held for this server again');
    await expect(hold()).rejects.toBeInstanceOf(StartError);
    await store.close();
    await (await hold())();
  });

  it('that another server took meanwhile is told once, and held when that one is gone', async () => {
    const release = await hold();
    const theirs = hold({ waitMs: 5_000 });
    // The next in the queue, before the first one stands in it again.
    await waiting('pg_advisory_lock');
    await cut();
    const end = await theirs;
    await said('another server has this database as well');
    await end();
    await said('held for this server again');
    expect(logged.filter((line) => line.includes('as well'))).toHaveLength(1);
    await release();
  });

  it('is lost to a server that was next in the queue: whoever had it writes and reads no more, and says so once', async () => {
    const one = await serve('one');
    await say(one, 'before');
    const starting = serve('two');
    await waiting('pg_advisory_lock');
    await cut();
    const two = await starting;
    // Nobody writes: it finds out by itself.
    await vi.waitUntil(() => told.length > 0, 10_000);
    await expect(one.check()).rejects.toMatchObject({ fault: 'taken_over' });
    await expect(say(one, 'late')).rejects.toMatchObject({ reason: 'failed', fault: 'taken_over' });
    await expect(words(one)).rejects.toMatchObject({ reason: 'failed', fault: 'taken_over' });
    expect((await say(two, 'after')).seq).toBe(2);
    expect(await words(two)).toEqual(['before', 'after']);
    expect(told).toEqual(['one']);
    expect(logged).toEqual([expect.stringMatching(/^another server has taken the database.*DATABASE_URL/)]);
    await Promise.all([one.close(), two.close()]);
  });

  it('is lost at the first write by a server that does not know that its lock is gone', async () => {
    const { proxy, url: proxied } = await CommitProxy.start(url);
    const one = await serve('one', proxied);
    // What it has open stays, and it cannot ask for its lock.
    proxy.shut();
    await cut();
    const two = await serve('two');
    await expect(say(one, 'late')).rejects.toMatchObject({ reason: 'failed', fault: 'taken_over' });
    expect(told).toEqual(['one']);
    expect(await words(two)).toEqual([]);
    await Promise.all([one.close(), two.close(), proxy.stop()]);
  });

  it('is acknowledged by one server at a time, however busy the other is when it is lost', async () => {
    for (let round = 0; round < 3; round++) {
      url = await server.database();
      const acks: string[] = [];
      const one = await serve('one');
      const busy = Promise.allSettled(
        Array.from({ length: 20 }, async () => {
          for (;;) await say(one, 'one').then(() => acks.push('one'));
        }),
      );
      const starting = serve('two');
      await waiting('pg_advisory_lock');
      await cut();
      const two = await starting;
      const before = acks.length;
      await Promise.all(Array.from({ length: 20 }, () => say(two, 'two')));
      for (const end of await busy)
        expect(end).toMatchObject({ status: 'rejected', reason: { fault: 'taken_over' } });
      expect(before).toBeGreaterThan(0);
      expect(await words(two)).toEqual([...acks, ...Array.from({ length: 20 }, () => 'two')]);
      await Promise.all([one.close(), two.close()]);
    }
  });

  it("is not another server's before a COMMIT on its way to PostgreSQL is there, or can never be", async () => {
    const { proxy, url: proxied } = await CommitProxy.start(url);
    const one = await serve('one', `${proxied}&query_timeout=500`);
    await say(one, 'before');
    const cutOff = proxy.trouble('late');
    proxy.shut();
    const saying = say(one, 'late').catch((error: unknown) => error);
    await cutOff;
    const starting = serve('two');
    await waiting('LOCK TABLE fence IN EXCLUSIVE');
    proxy.deliver();
    const two = await starting;
    expect(await words(two)).toEqual(['before', 'late']);
    proxy.open();
    // It is true, and no longer for this server to say.
    expect(await saying).toMatchObject({ reason: 'unknown_outcome', fault: 'taken_over' });
    await Promise.all([one.close(), two.close(), proxy.stop()]);
  });

  it('is shared by nodes that do not ask to be alone', async () => {
    const nodes = await Promise.all([1, 2].map(() => openStore({ url, clock, logger })));
    await Promise.all(nodes.map((node) => node.close()));
  });
});
