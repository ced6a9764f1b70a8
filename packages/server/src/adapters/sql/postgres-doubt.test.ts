import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Store } from '../../ports/store.js';
import { openStore } from './open-store.js';
import { CommitProxy } from './testing/commit-proxy.js';
import { type PostgresServer, postgresOrSkip, startPostgres } from './testing/postgres-server.js';
import { clock, event, silent } from './testing/store-contract.js';

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('a COMMIT that PostgreSQL does not answer', () => {
  let server: PostgresServer;
  let proxy: CommitProxy;
  let store: Store;
  /** Another node, on a good line. */
  let other: Store;
  let heard: string[];
  let logged: unknown[];
  let counted: string[];
  let time = 0;

  beforeAll(async () => {
    server = await startPostgres(binaries ?? '');
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    const straight = await server.database();
    const proxied = await CommitProxy.start(straight);
    ({ proxy } = proxied);
    logged = [];
    counted = [];
    const log = (level: string) => (fields: object, text: string) => {
      const { outcome, fault, was } = fields as Record<string, unknown>;
      // Whether the pool sees it as well is a matter of luck, and the line of the lock has a test of its own.
      if (!/a connection to PostgreSQL broke|for this server/.test(text))
        logged.push([level, outcome ?? fault ?? was, text.replace(/:.*/, '')]);
    };
    store = await openStore({
      // Nobody has to wait for the 15 s in which a statement has to be answered.
      url: `${proxied.url}&query_timeout=500`,
      // So that nobody has to wait: the patience is over as soon as it is asked for.
      clock: { ...clock, monotonic: () => time, setTimeout: (callback) => clock.setTimeout(callback, 5) },
      logger: { ...silent, error: log('error'), warn: log('warn'), info: log('info') },
      metrics: {
        committed: () => {},
        refused: (reason, works) => counted.push(`refused ${reason} ${works}`),
        doubted: (outcome) => counted.push(`doubted ${outcome}`),
        fault: () => {},
      },
    });
    other = await openStore({ url: straight, clock, logger: silent });
    logged.length = 0;
    heard = [];
    store.onCommit((entries) => heard.push(...entries.map(({ room, seq }) => `${room} ${seq}`)));
  });
  afterEach(async () => {
    await Promise.all([store.close(), other.close()]);
    await proxy.stop();
  });

  const say = (word: string, on = store) => on.write((tx) => tx.log.append('host', event(word), 1));
  const words = async () =>
    (await other.read((tx) => tx.log.entries('host', 0, 100))).map(({ data }) =>
      Reflect.get(data, 'user_id'),
    );

  it('and did: those who shared it are told that it did, in order, as if nothing had been', async () => {
    await say('before');
    void proxy.trouble('reached');
    const told = await Promise.all([say('a'), say('b'), say('c')]);
    expect(told.map(({ seq }) => seq)).toEqual([2, 3, 4]);
    expect((await say('after')).seq).toBe(5);
    expect(heard).toEqual(['host 1', 'host 2', 'host 3', 'host 4', 'host 5']);
    expect(await words()).toEqual(['before', 'a', 'b', 'c', 'after']);
    expect(logged).toEqual([['warn', 'committed', 'the database did not answer for a commit']]);
    expect(counted).toEqual(['doubted committed']);
  });

  it('also the very first one of a process', async () => {
    void proxy.trouble('reached');
    expect((await say('a')).seq).toBe(1);
    expect(await words()).toEqual(['a']);
  });

  it('on a line that stays open and silent: they wait for as long as a statement may take, and are told that it did', async () => {
    await say('before');
    void proxy.trouble('silent');
    const told = await Promise.all([say('a'), say('b')]);
    expect(told.map(({ seq }) => seq)).toEqual([2, 3]);
    expect((await say('after')).seq).toBe(4);
    expect(await words()).toEqual(['before', 'a', 'b', 'after']);
    expect(counted).toEqual(['doubted committed']);
  });

  it('and never got: all who shared it are refused, and nothing of it is there', async () => {
    void proxy.trouble('unreached');
    const results = await Promise.allSettled([say('a'), say('b')]);
    for (const result of results)
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { reason: 'failed', fault: 'unreachable' },
      });
    expect(await words()).toEqual([]);
    expect((await say('c')).seq).toBe(1);
    expect(heard).toEqual(['host 1']);
    expect(counted).toEqual(['doubted lost', 'refused failed 2']);
  });

  it('and gets late: nobody is told anything before it is there, or can never be', async () => {
    await say('before');
    void proxy.trouble('late');
    const saying = say('late');
    const waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    await vi.waitUntil(async () => (await server.run(waits)).length > 0);
    proxy.deliver();
    expect((await saying).seq).toBe(2);
    expect(await words()).toEqual(['before', 'late']);
  });

  it('and gets never, on a line that seems to stand: the others wait a moment, not until TCP gives up', async () => {
    void proxy.trouble('late');
    await expect(say('a')).rejects.toMatchObject({ reason: 'failed' });
    expect((await say('b', other)).seq).toBe(1);
  });

  it.each([
    ['reached', 'committed', ['a', 'b']],
    ['unreached', 'lost', ['b']],
  ] as const)(
    'nor anything after it (%s): those who shared it are told that nobody knows',
    async (trouble, outcome, left) => {
      const cut = proxy.trouble(trouble);
      proxy.shut();
      const [first, behind] = await Promise.allSettled([say('a'), cut.then(() => say('never began'))]);
      expect(first).toMatchObject({ reason: { reason: 'unknown_outcome', fault: 'unreachable' } });
      expect(behind).toMatchObject({ reason: { reason: 'failed', fault: 'unreachable' } });
      // At once: nobody waits for an answer that did not come in time.
      await expect(say('nor this')).rejects.toMatchObject({ reason: 'failed' });
      expect(heard).toEqual([]);
      proxy.open();
      // The next one finds out first, so that the log is told in its order.
      expect((await say('b')).seq).toBe(left.length);
      expect(heard).toEqual(left.map((_, index) => `host ${index + 1}`));
      expect(await words()).toEqual(left);
      expect(counted.filter((what) => what.startsWith('doubted'))).toEqual([
        'doubted unknown',
        `doubted ${outcome}`,
      ]);
      expect(logged).toEqual([
        ['error', 'unreachable', 'the database cannot be reached'],
        ['error', 'unknown', 'the database did not answer for a commit'],
        ['warn', outcome, 'the database did not answer for a commit'],
        ['info', 'unreachable', 'the database works again'],
      ]);
    },
  );

  it('is found out also while nobody writes, and those who listen hear of it', async () => {
    void proxy.trouble('reached');
    proxy.shut();
    await expect(say('a')).rejects.toMatchObject({ reason: 'unknown_outcome' });
    proxy.open();
    time += 1_000;
    await store.check();
    expect(heard).toEqual(['host 1']);
  });
});
