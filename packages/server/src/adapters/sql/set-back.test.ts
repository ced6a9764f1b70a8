import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../ports/store.js';
import { openStore } from './open-store.js';
import { type PostgresServer, postgresOrSkip, startPostgres } from './testing/postgres-server.js';
import { clock, event, silent } from './testing/store-contract.js';

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('PostgreSQL that goes back behind what it had confirmed', () => {
  let server: PostgresServer;
  let url: string;
  let logged: string[];
  const log = (_: object, text: string) => void logged.push(text.replace(/[:,].*/, ''));
  const serve = (at = url) =>
    openStore({ url: at, clock, logger: { ...silent, warn: log, error: log }, servers: 'one' });
  const say = (store: Store, word: string) => store.write((tx) => tx.log.append('host', event(word), 1));
  const epochOf = async (store: Store) =>
    (await store.read((tx) => tx.log.positions(['host']))).map(({ epoch }) => epoch)[0];
  /** Once the store has noticed that the lines it had are gone. */
  const saidAtLast = async (store: Store, word: string) => {
    for (;;) {
      const entry = await say(store, word).catch(() => undefined);
      if (entry) return entry;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  /** As `cp -a`: the files belong to the user of PostgreSQL. */
  const copy = (from: string, to: string) => execFileSync('cp', ['-a', from, to]);

  beforeAll(async () => {
    server = await startPostgres(binaries ?? '');
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    url = await server.database();
    logged = [];
  });

  it('under a server that lives on begins new epochs before anything is written, and it is said once', async () => {
    const store = await serve();
    const first = await say(store, 'a');
    await server.restart(async (data) => void copy(data, `${data}-older`));
    await saidAtLast(store, 'b');
    const lost = await say(store, 'c');
    expect(lost).toMatchObject({ epoch: first.epoch, seq: 3 });
    await server.restart(async (data) => {
      execFileSync('rm', ['-r', data]);
      copy(`${data}-older`, data);
    });
    logged = [];
    const next = await saidAtLast(store, 'd');
    expect(next.seq).toBe(2);
    expect(next.epoch).not.toBe(first.epoch);
    expect((await say(store, 'e')).epoch).toBe(next.epoch);
    expect(logged.filter((line) => line.includes('lost'))).toEqual([
      'the database has lost what it had confirmed to this server',
    ]);
    await store.close();
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
    expect(logged.filter((line) => /lost|made from it/.test(line))).toEqual([]);
  });

  it('begins new epochs at the start on a replica that took over', async () => {
    const store = await serve();
    const { epoch } = await say(store, 'a');
    await store.close();
    await server.restart((data) => writeFile(join(data, 'standby.signal'), ''));
    await server.run('SELECT pg_promote()');
    const next = await serve();
    expect(await epochOf(next)).not.toBe(epoch);
    expect(logged).toEqual(['this is not the database that was served last']);
    const renewed = await epochOf(next);
    await next.close();
    const again = await serve();
    expect(await epochOf(again)).toBe(renewed);
    await again.close();
  });

  it('begins new epochs at the start on tables that were made anew and filled from a copy', async () => {
    const store = await serve();
    const { epoch } = await say(store, 'a');
    await store.close();
    const [from = '', copied] = [/test_\d+/.exec(url)?.[0], await server.database()];
    const to = /test_\d+/.exec(copied)?.[0];
    const tables = await server.run(`SELECT tablename FROM pg_tables WHERE schemaname = '${from}'`);
    for (const { tablename } of tables as { tablename: string }[])
      await server.run(
        `CREATE TABLE ${to}.${tablename} (LIKE ${from}.${tablename} INCLUDING ALL); INSERT INTO ${to}.${tablename} SELECT * FROM ${from}.${tablename}`,
      );
    const restored = await serve(copied);
    expect(await epochOf(restored)).not.toBe(epoch);
    expect(logged).toEqual(['this is not the database that was served last']);
    await restored.close();
  });
});
