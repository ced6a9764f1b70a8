import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Store } from '../../ports/store.js';
import { systemClock } from '../system-clock.js';
import { openStore } from './open-store.js';
import { holdDatabase } from './postgres/server-lock.js';
import { CommitProxy } from './testing/commit-proxy.js';
import { deferred } from './testing/deferred.js';
import { type PostgresServer, postgresOrSkip, schemaOf, startPostgres } from './testing/postgres-server.js';
import { event, silent } from './testing/store-contract.js';

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('a fleet on one PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let logged: string[];
  let told: string[];
  /** What passes beside the clock, so that a store looks at its database when it is asked. */
  let time = 0;
  const log = (_: object, text: string) => void logged.push(text);
  const logger = { ...silent, warn: log, error: log };
  const serve = (
    name: string,
    more: {
      readonly at?: string;
      readonly servers?: 'one';
      readonly waits?: 'no';
      readonly bus?: string;
      readonly onPause?: (delay: number) => void;
    } = {},
  ) =>
    openStore({
      url: more.at ?? url,
      clock: {
        ...systemClock,
        monotonic: () => systemClock.monotonic() + time,
        setTimeout(callback, delay) {
          more.onPause?.(delay);
          return systemClock.setTimeout(callback, more.waits === 'no' ? 1 : delay);
        },
      },
      logger,
      servers: more.servers ?? 'several',
      bus: more.bus,
      onTakenOver: () => told.push(name),
    });
  const hold = (servers: 'one' | 'several') =>
    holdDatabase({
      url,
      servers,
      logger,
      clock: systemClock,
      waitMs: 50,
      assertOurs: async () => {},
      takenOver: () => {},
      heldAgain: () => {},
    });
  const close = (...stores: Store[]) => Promise.all(stores.map((store) => store.close()));
  const say = (store: Store, word: string) => store.write((tx) => tx.log.append('host', event(word), 1));
  /** Once the store has noticed that the lines it had are gone. */
  const saidAtLast = (store: Store, word: string) =>
    vi.waitFor(() => say(store, word), { timeout: 14_000, interval: 10 });
  const schema = () => schemaOf(url);
  const waiting = (statement: string) => server.untilWaiting(statement);
  const cut = () => server.cutLocks();
  /** As if PostgreSQL had gone back behind what all of them wrote last. */
  const loseMarks = () =>
    server.run(`UPDATE ${schema()}.operations SET fingerprint = '0' WHERE owner LIKE 'store:%'`);

  /** How often every room began a new epoch, from now on. */
  const countRenewals = async () => {
    const at = schema();
    await server.run(`CREATE TABLE ${at}.renewals (n integer);
      CREATE FUNCTION ${at}.note() RETURNS trigger AS 'BEGIN INSERT INTO ${at}.renewals VALUES (1); RETURN NULL; END' LANGUAGE plpgsql;
      CREATE TRIGGER note AFTER UPDATE OF epoch ON ${at}.rooms EXECUTE FUNCTION ${at}.note()`);
    return async () => (await server.run(`SELECT n FROM ${at}.renewals`)).length;
  };

  beforeAll(async () => {
    server = await startPostgres(binaries ?? '');
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    url = await server.database();
    logged = [];
    told = [];
  });

  describe('and who may share it', () => {
    it('is one by its name, also of servers that start at the same moment', async () => {
      const stores = await Promise.all(['a', 'b', 'c'].map((name) => serve(name)));
      const [name, ...others] = stores.map(({ fleet }) => fleet);
      expect(name).toMatch(/^fleet-[0-9a-f]{24}$/);
      expect(others).toEqual([name, name]);
      await close(...stores);
      // The same one when it starts again: nothing was written between by anybody else.
      const again = await serve('again');
      expect(again.fleet).toBe(name);
      await close(again);
      expect([logged, told]).toEqual([[], []]);
    });

    it('keeps a lone server out, and is kept out by one, each with a line that says what to do', async () => {
      const ends = await Promise.all([hold('several'), hold('several')]);
      await expect(hold('one')).rejects.toThrow(/^DATABASE_URL: another server.*the same BUS_URL/);
      for (const end of ends) await end();
      const end = await hold('one');
      await expect(hold('several')).rejects.toThrow(/^DATABASE_URL: a server without BUS_URL has.*stop that/);
      await end();
    });

    it('warns whoever starts beside some that name another bus, and those alone', async () => {
      const a = await serve('a', { bus: 'redis.example:6379' });
      const b = await serve('b', { bus: 'redis.example:6379' });
      const elsewhere = await serve('another database', { bus: 'other:6379', at: await server.database() });
      const silent = await serve('says nothing');
      expect(logged).toEqual([]);
      const c = await serve('c', { bus: 'other:6379' });
      expect(logged).toEqual([expect.stringContaining('have another Redis in BUS_URL')]);
      await close(a, b, c);
      const d = await serve('d', { bus: 'third:6379' });
      expect(logged).toHaveLength(1);
      await close(d, elsewhere, silent);
    });

    it('is lost to a lone server that was next in the queue, and begins under another name after that', async () => {
      const [a, b] = await Promise.all([serve('a'), serve('b')]);
      await say(a, 'before');
      const starting = serve('lone', { servers: 'one' });
      await waiting('pg_advisory_lock');
      await cut();
      const lone = await starting;
      expect(lone.fleet).toBeUndefined();
      await expect(say(a, 'late')).rejects.toMatchObject({ fault: 'taken_over' });
      await expect(say(b, 'late')).rejects.toMatchObject({ fault: 'taken_over' });
      expect((await say(lone, 'after')).seq).toBe(2);
      expect([...told].sort()).toEqual(['a', 'b']);
      await close(lone);
      const next = await serve('next');
      expect(next.fleet).toMatch(/^fleet-/);
      expect(next.fleet).not.toBe(a.fleet);
      await close(a, b, next);
    });

    it('goes on when the lines that hold it break, and holds it again', async () => {
      const [a, b] = await Promise.all([serve('a'), serve('b')]);
      await cut();
      await vi.waitUntil(
        async () => (await server.run("SELECT 1 FROM pg_locks WHERE mode = 'ShareLock'")).length === 2,
        10_000,
      );
      await say(a, 'a');
      expect((await say(b, 'b')).seq).toBe(2);
      await expect(hold('one')).rejects.toThrow('BUS_URL');
      await close(a, b);
      expect(told).toEqual([]);
    });

    it('lets another one in however busy it is', async () => {
      const stores = await Promise.all(['a', 'b', 'c'].map((name) => serve(name)));
      let over = 'no';
      const busy = stores.flatMap((store, n) =>
        Array.from({ length: 4 }, async (_, m) => {
          while (over === 'no') await store.write((tx) => tx.log.append(`network:${n}${m}`, event('a'), 1));
        }),
      );
      const late = await serve('late');
      expect(late.fleet).toBe(stores[0]?.fleet);
      over = 'yes';
      await Promise.all(busy);
      await close(...stores, late);
    });
  });

  describe('and copies of its database', () => {
    it('has another name than one on a copy within the cluster', async () => {
      const store = await serve('original');
      const { epoch } = await say(store, 'a');
      await close(store);
      const copied = `copy_of_${schema()}`;
      await server.run(`CREATE DATABASE ${copied} TEMPLATE postgres`);
      const at = url.replace('/postgres?', `/${copied}?`);
      const [one, two] = await Promise.all(['one', 'two'].map((name) => serve(name, { at, waits: 'no' })));
      const original = await serve('original');
      expect(original.fleet).toBe(store.fleet);
      expect(one?.fleet).toBe(two?.fleet);
      expect(one?.fleet).not.toBe(original.fleet);
      expect((await say(original, 'b')).epoch).toBe(epoch);
      expect((await say(one ?? original, 'b')).epoch).not.toBe(epoch);
      await close(original, ...[one, two].filter((each) => each !== undefined));
    });

    it('has another name after a start of PostgreSQL that none of it lived to see: the files may be a copy', async () => {
      const store = await serve('original');
      const { epoch } = await say(store, 'a');
      await close(store);
      await server.restart(async () => {});
      const next = await serve('next', { waits: 'no' });
      expect(next.fleet).not.toBe(store.fleet);
      expect(await say(next, 'b')).toMatchObject({ epoch, seq: 2 });
      await close(next);
    });
  });

  describe('and a PostgreSQL that is started anew', () => {
    it('keeps its name and its epochs, and who starts before it has seen that waits for it', async () => {
      const { proxy, url: at } = await CommitProxy.start(url);
      const a = await serve('a', { at });
      const { epoch } = await say(a, 'a');
      proxy.cut();
      await server.restart(async () => {});
      let joining: Promise<Store> | undefined;
      await new Promise<void>((resolve) => {
        joining = serve('b', { onPause: () => resolve() });
      });
      proxy.open();
      const b = await joining;
      expect(b?.fleet).toBe(a.fleet);
      for (const store of [a, b ?? a]) expect((await saidAtLast(store, 'b')).epoch).toBe(epoch);
      expect(told).toEqual([]);
      await close(a, b ?? a);
      await proxy.stop();
    });

    it('begins new epochs once when a replica takes over, for nobody can tell what the others lost', async () => {
      const [a, b] = await Promise.all([serve('a'), serve('b')]);
      const { epoch } = await say(a, 'a');
      const renewals = await countRenewals();
      await server.restart((data) => writeFile(join(data, 'standby.signal'), ''));
      await server.run('SELECT pg_promote()');
      const saying = [a, b].map((store) => saidAtLast(store, 'b'));
      const c = await serve('c');
      const epochs = (await Promise.all([...saying, say(c, 'c')])).map((entry) => entry.epoch);
      expect(await renewals()).toBe(1);
      expect(epochs).not.toContain(epoch);
      expect([c.fleet, told]).toEqual([a.fleet, []]);
      expect(logged.filter((line) => line.includes('PostgreSQL failed over'))).toHaveLength(1);
      await close(a, b, c);
    });

    it('begins new epochs once when it lost what several of them had confirmed', async () => {
      const stores = await Promise.all(['a', 'b', 'c'].map((name) => serve(name)));
      const before = new Set<string>();
      for (const store of stores) before.add((await say(store, 'a')).epoch);
      const renewals = await countRenewals();
      await loseMarks();
      await server.restart(async () => {});
      const epochs = await Promise.all(stores.map(async (store) => (await saidAtLast(store, 'b')).epoch));
      expect(await renewals()).toBe(1);
      for (const epoch of epochs) expect(before).not.toContain(epoch);
      await close(...stores);
      expect(logged.filter((line) => line.includes('lost what it had confirmed'))).toHaveLength(3);
      expect(told).toEqual([]);
    });
  });

  it('never has an entry of the old epoch after a renewal, however late another one of it commits', async () => {
    const [a, b] = await Promise.all([serve('a'), serve('b')]);
    const { epoch } = await say(a, 'a');
    await loseMarks();
    const appended = deferred();
    const held = deferred();
    const late = b.write(async (tx) => {
      const entry = await tx.log.append('host', event('late'), 1);
      appended.resolve();
      await held.promise;
      return entry;
    });
    await appended.promise;
    const renewing = say(a, 'renewed');
    await waiting('LOCK TABLE fence IN EXCLUSIVE');
    held.resolve();
    expect(await late).toMatchObject({ epoch, seq: 2 });
    const renewed = await renewing;
    expect(renewed.seq).toBe(3);
    expect(renewed.epoch).not.toBe(epoch);
    expect(await say(b, 'b')).toMatchObject({ epoch: renewed.epoch, seq: 4 });
    await close(a, b);
  });

  it('does not forget one of it that wrote nothing for a day', async () => {
    const store = await serve('quiet');
    const { epoch } = await say(store, 'a');
    const at = async () => (await server.run(`SELECT at FROM ${schema()}.operations`))[0];
    const before = await at();
    await server.run(`UPDATE ${schema()}.operations SET at = 1`);
    time += 5_000;
    await store.check();
    expect(await at()).toEqual(before);
    expect((await say(store, 'b')).epoch).toBe(epoch);
    await close(store);
  });
});
