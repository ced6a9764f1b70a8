import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { StartError } from '../../domain/start-error.js';
import { systemClock } from '../system-clock.js';
import { openStore } from './open-store.js';
import { holdForOneServer } from './postgres/one-server.js';
import { type PostgresServer, postgresOrSkip, startPostgres } from './testing/postgres-server.js';
import { clock, event } from './testing/store-contract.js';

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('a database on PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let logged: string[];
  const log = (_: object, text: string) => void logged.push(text);
  const logger = { debug() {}, info: log, warn: log, error: log };
  const hold = (more: { readonly waitMs?: number } = {}) =>
    holdForOneServer({ url, logger, clock: systemClock, waitMs: 50, ...more });
  const cut = () =>
    server.run("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted");
  const said = (text: string) => vi.waitUntil(() => logged.some((line) => line.includes(text)), 10_000);

  beforeAll(async () => {
    server = await startPostgres(binaries ?? '');
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    url = await server.database();
    logged = [];
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
    await cut();
    const end = await theirs;
    await said('another server has this database as well');
    await end();
    await said('held for this server again');
    expect(logged.filter((line) => line.includes('as well'))).toHaveLength(1);
    await release();
  });

  it('is shared by nodes that do not ask to be alone', async () => {
    const nodes = await Promise.all([1, 2].map(() => openStore({ url, clock, logger })));
    await Promise.all(nodes.map((node) => node.close()));
  });
});
