import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Store } from '../../ports/store.js';
import { openStore } from './open-store.js';
import { type PostgresServer, postgresOrSkip, schemaOf, startPostgres } from './testing/postgres-server.js';
import { clock, event, silent } from './testing/store-contract.js';

const binaries = postgresOrSkip();
/** PostgreSQL stops and starts several times in a test: seconds each on a busy machine. */
const PATIENCE = { timeout: 60_000 };

describe.skipIf(!binaries)('PostgreSQL that goes back behind what it had confirmed', PATIENCE, () => {
  let server: PostgresServer;
  let url: string;
  let logged: string[];
  /** What passes beside the clock. */
  let time = 0;
  const log = (_: object, text: string) => void logged.push(text.replace(/[:,].*/, ''));
  let stores: Store[] = [];
  const serve = async (at = url) => {
    const store = await openStore({
      url: at,
      clock: { ...clock, monotonic: () => clock.monotonic() + time },
      logger: { ...silent, warn: log, error: log },
      servers: 'one',
    });
    stores.push(store);
    return store;
  };
  const say = (store: Store, word: string) => store.write((tx) => tx.log.append('host', event(word), 1));
  const epochOf = async (store: Store) =>
    (await store.read((tx) => tx.log.positions(['host']))).map(({ epoch }) => epoch)[0];
  /** Once the store has noticed that the lines it had are gone. */
  const saidAtLast = (store: Store, word: string) =>
    vi.waitFor(() => say(store, word), { ...PATIENCE, interval: 10 });
  /** Files belong to the user of PostgreSQL, who is kept by `cp -a`. */
  const copy = (from: string, to: string) => execFileSync('cp', ['-a', from, to]);
  const keep = (name: string) => server.restart(async (data) => void copy(data, `${data}-${name}`));
  const putBack = (name: string) =>
    server.restart(async (data) => {
      await rm(data, { recursive: true });
      copy(`${data}-${name}`, data);
    });
  /** The replica, which is the same machine here, takes over. */
  const promote = async () => {
    await server.restart((data) => writeFile(join(data, 'standby.signal'), ''));
    await server.run('SELECT pg_promote()');
  };

  beforeAll(async () => {
    server = await startPostgres(binaries ?? '');
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    url = await server.database();
    logged = [];
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    stores = [];
  });

  it('under a server that lives on begins new epochs before anything is written, and it is said once', async () => {
    const store = await serve();
    const first = await say(store, 'a');
    await keep('older');
    await saidAtLast(store, 'b');
    const lost = await say(store, 'c');
    expect(lost).toMatchObject({ epoch: first.epoch, seq: 3 });
    await putBack('older');
    logged = [];
    const next = await saidAtLast(store, 'd');
    expect(next.seq).toBe(2);
    expect(next.epoch).not.toBe(first.epoch);
    expect((await say(store, 'e')).epoch).toBe(next.epoch);
    expect(logged.filter((line) => line.includes('lost'))).toEqual([
      'the database has lost what it had confirmed to this server',
    ]);
  });

  it('to before that server came is no other server: it goes on, with new epochs', async () => {
    const before = await serve();
    const first = await say(before, 'a');
    await before.close();
    await keep('before');
    const store = await serve();
    expect(await say(store, 'b')).toMatchObject({ epoch: first.epoch, seq: 2 });
    await putBack('before');
    const next = await saidAtLast(store, 'c');
    expect(next.seq).toBe(2);
    expect(next.epoch).not.toBe(first.epoch);
    expect((await say(store, 'd')).epoch).toBe(next.epoch);
  });

  it('is noticed each time, also where nothing was written after the first, and by a look of its own', async () => {
    const store = await serve();
    const { epoch } = await say(store, 'a');
    await keep('twice');
    await saidAtLast(store, 'b');
    const epochs: (string | undefined)[] = [epoch];
    for (let round = 0; round < 2; round++) {
      await putBack('twice');
      // Nobody writes: the store looks by itself.
      const renewed = async () => {
        time += 5_000;
        await store.check();
        const seen = await epochOf(store);
        expect(seen).not.toBe(epoch);
        return seen;
      };
      epochs.push(await vi.waitFor(renewed, { ...PATIENCE, interval: 10 }));
    }
    expect(new Set(epochs).size).toBe(3);
  });

  it('is not one that is looked at while it is written to', async () => {
    const store = await serve();
    const { epoch } = await say(store, 'a');
    let writing = 'yes';
    const looking = (async () => {
      while (writing === 'yes') {
        time += 5_000;
        await store.check();
      }
    })();
    for (let round = 0; round < 200; round++) expect((await say(store, 'b')).epoch).toBe(epoch);
    writing = 'no';
    await looking;
    expect([await epochOf(store), logged]).toEqual([epoch, []]);
  });

  it('is the same one after a restart that lost nothing', async () => {
    const store = await serve();
    const { epoch } = await say(store, 'a');
    await server.restart(async () => {});
    expect(await saidAtLast(store, 'b')).toMatchObject({ epoch, seq: 2 });
    await store.close();
    const next = await serve();
    expect(await say(next, 'c')).toMatchObject({ epoch, seq: 3 });
    await next.close();
    expect(logged.filter((line) => /lost|nobody knows/.test(line))).toEqual([]);
  });

  it('begins new epochs at the start on a replica that took over', async () => {
    const store = await serve();
    const { epoch } = await say(store, 'a');
    await store.close();
    await promote();
    const next = await serve();
    expect(await epochOf(next)).not.toBe(epoch);
    expect(logged).toEqual([expect.stringContaining('nobody knows that this database is the one')]);
    const renewed = await epochOf(next);
    await say(next, 'b');
    await next.close();
    const again = await serve();
    expect(await epochOf(again)).toBe(renewed);
  });

  it('is not one that a replica took over without a loss, under a server that lives on: not at its next start either', async () => {
    const store = await serve();
    const { epoch } = await say(store, 'a');
    await promote();
    expect(await saidAtLast(store, 'b')).toMatchObject({ epoch, seq: 2 });
    await vi.waitUntil(
      async () =>
        (
          await server.run(
            `SELECT origin FROM ${schemaOf(url)}.fence WHERE origin LIKE '%:' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || ':%'`,
          )
        ).length > 0,
      10_000,
    );
    await store.close();
    const next = await serve();
    expect(await epochOf(next)).toBe(epoch);
  });

  it('begins new epochs at the start on tables that were made anew and filled from a copy', async () => {
    const store = await serve();
    const { epoch } = await say(store, 'a');
    await store.close();
    const copied = await server.database();
    const [from, to] = [schemaOf(url), schemaOf(copied)];
    const tables = await server.run(`SELECT tablename FROM pg_tables WHERE schemaname = '${from}'`);
    for (const { tablename } of tables as { tablename: string }[])
      await server.run(
        `CREATE TABLE ${to}.${tablename} (LIKE ${from}.${tablename} INCLUDING ALL); INSERT INTO ${to}.${tablename} SELECT * FROM ${from}.${tablename}`,
      );
    const restored = await serve(copied);
    expect(await epochOf(restored)).not.toBe(epoch);
    expect(logged).toEqual([expect.stringContaining('nobody knows that this database is the one')]);
  });
});
