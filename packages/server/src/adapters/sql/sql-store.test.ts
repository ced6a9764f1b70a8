import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OperationError } from '../../domain/operation-error.js';
import type { StoreError } from '../../ports/store-error.js';
import { migrate } from './migrate.js';
import { MIGRATIONS } from './migrations/all.js';
import { SqlStore } from './sql-store.js';
import type { NativeSqlite } from './sqlite/native-sqlite.js';
import { openNativeSqlite } from './sqlite/open-native-sqlite.js';
import { makeDurable } from './sqlite/open-sqlite.js';
import { sqliteDatabase } from './sqlite/sqlite-database.js';
import { clock, event, silent } from './testing/store-contract.js';

/** What SQLite says. */
const said = (code: string, rawCode: number) => Object.assign(new Error(code), { code, rawCode });
const FULL = said('SQLITE_FULL', 13);
const BUSY = said('SQLITE_BUSY', 5);
const FSYNC = said('SQLITE_IOERR_FSYNC', 1034);
const WRITE = said('SQLITE_IOERR_WRITE', 778);
const CORRUPT = said('SQLITE_CORRUPT', 11);

let folder: string;
let native: NativeSqlite;
let store: SqlStore;
/** Statements that fail, by their first word, and what of. */
let failing: Map<string, Error>;
/** Milliseconds of the store's clock. */
let time: number;
let logged: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect faults '));
  failing = new Map();
  time = 0;
  logged = [];
  native = await openNativeSqlite(join(folder, 'a.db'));
  makeDurable(native, folder);
  const database = sqliteDatabase({
    ...native,
    prepare(sql) {
      const statement = native.prepare(sql);
      const maybeFail = () => {
        const fault = failing.get(sql.split(' ')[0]?.toUpperCase() ?? '');
        if (fault) throw fault;
      };
      return {
        reader: statement.reader,
        all(parameters) {
          maybeFail();
          return statement.all(parameters);
        },
        run(parameters) {
          maybeFail();
          return statement.run(parameters);
        },
        iterate: (parameters) => statement.iterate(parameters),
      };
    },
  });
  await migrate(database, { clock, logger: silent });
  const log = (_: object, text: string) => void logged.push(text);
  store = new SqlStore(database, {
    clock: { ...clock, monotonic: () => time },
    logger: { error: log, warn: log, info: log },
  });
});
afterEach(async () => {
  failing.clear();
  await store.close();
  await rm(folder, { recursive: true });
});

const say = (word: string, size = 1) =>
  store.write((tx) => tx.log.append('host', event(word.repeat(size)), 1).then(({ seq }) => seq));
const places = () => store.read(async (tx) => (await tx.log.entries('host', 0, 100)).map(({ seq }) => seq));
const statuses = async (works: Promise<unknown>[]) =>
  (await Promise.allSettled(works)).map((result) =>
    result.status === 'fulfilled' ? 'ok' : result.reason instanceof Error ? result.reason.name : 'odd',
  );

describe('a store whose disk is full', () => {
  it('refuses every work of a commit that fails, tells nobody, and recovers by itself', async () => {
    const heard: number[] = [];
    store.onCommit((entries) => heard.push(...entries.map(({ seq }) => seq)));
    failing.set('COMMIT', FULL);
    const refused = store.write(async () => {
      throw new OperationError('ERR_FORBIDDEN', 'seen in a transaction that never was');
    });
    expect(await statuses([say('a'), refused, say('b')])).toEqual(['StoreError', 'StoreError', 'StoreError']);
    expect(heard).toEqual([]);
    expect(await places()).toEqual([]);

    failing.clear();
    expect(await say('c')).toBe(1);
    expect(heard).toEqual([1]);
  });

  it('names the cause, and is not ready until the cause is gone', async () => {
    failing.set('COMMIT', FULL);
    const cause = { code: 'SQLITE_FULL' };
    for (let times = 0; times < 5; times++)
      await expect(say('a')).rejects.toMatchObject({ reason: 'failed', fault: 'disk_full', cause });
    await expect(store.check()).rejects.toMatchObject({ fault: 'disk_full' });
    time += 1_000;
    await expect(store.check()).rejects.toMatchObject({ fault: 'disk_full' });
    failing.clear();
    // What changes no row needs no disk.
    await store.write(async () => 'read only');
    // Nobody writes meanwhile: the check finds out by itself, and looks at the disk once a second at most.
    await expect(store.check()).rejects.toMatchObject({ fault: 'disk_full' });
    time += 1_000;
    await store.check();
    await store.check();
    expect(await say('b')).toBe(1);
    expect(logged).toEqual([
      expect.stringContaining('the disk of the database is full: free space on it'),
      'the database works again',
    ]);
  });

  it('shows that it can write by writing', async () => {
    const length = async () => (await stat(join(folder, 'a.db-wal'))).size;
    const before = await length();
    time += 5_000;
    await store.check();
    expect(await length()).toBeGreaterThan(before);
  });

  it('notices while nobody writes', async () => {
    expect(await say('a')).toBe(1);
    failing.set('COMMIT', FULL);
    await store.check();
    time += 5_000;
    await expect(store.check()).rejects.toMatchObject({ fault: 'disk_full' });
    expect(logged).toHaveLength(1);
  });

  it('refuses what waits when not even a transaction can begin', async () => {
    failing.set('BEGIN', FULL);
    expect(await statuses([say('a'), say('b')])).toEqual(['StoreError', 'StoreError']);
    failing.clear();
    expect(await say('c')).toBe(1);
  });

  it('survives the real thing: SQLite throws the transaction away by itself', async () => {
    expect(await say('a')).toBe(1);
    native.pragma(`max_page_count = ${Number(native.pragma('page_count')) + 2}`);
    const results = await statuses([say('b'), say('c', 100_000), say('d')]);
    expect(results.slice(0, 2)).toEqual(['StoreError', 'StoreError']);
    native.pragma('max_page_count = 1000000');
    const next = await say('e');
    const found = await places();
    // Whatever happened to `d`, which ran in a transaction of its own: no hole, nothing twice.
    expect(found).toEqual(Array.from({ length: next }, (_, index) => index + 1));
    await store.check();
  });
});

describe('a store whose database another process has locked', () => {
  it('waits a moment with everything that comes, and refuses nothing when the lock goes', async () => {
    failing.set('BEGIN', BUSY);
    const saying = [say('a'), say('b')];
    setTimeout(() => failing.clear(), 120);
    expect(await Promise.all(saying)).toEqual([1, 2]);
    expect(logged).toEqual([]);
  });

  it('A1.6: lets SQLite itself wait no longer than the loop may stand still', () => {
    expect(native.pragma('busy_timeout')).toBeLessThanOrEqual(50);
  });

  it('reads meanwhile, refuses what waited too long, and the next at once', async () => {
    await say('a');
    failing.set('BEGIN', BUSY);
    const late = say('b');
    expect(await places()).toEqual([1]);
    await expect(late).rejects.toMatchObject({ reason: 'failed', fault: 'locked' });
    await expect(say('c')).rejects.toMatchObject({ fault: 'locked' });
    failing.clear();
    expect(await say('d')).toBe(2);
    expect(logged).toEqual([
      expect.stringContaining('another process holds a lock'),
      'the database works again',
    ]);
  });
});

describe('a store whose disk does not answer for a commit', () => {
  it('tells nobody anything until the lost commit can never come back', async () => {
    failing.set('COMMIT', FSYNC);
    const told: string[] = [];
    const saying = say('a').catch((error: StoreError) => told.push(error.reason));
    await vi.waitUntil(() => logged.length > 0);
    const behind = say('b');
    expect(told).toEqual([]);
    const length = async () => (await stat(join(folder, 'a.db-wal'))).size;
    const before = await length();
    failing.clear();
    expect(await behind).toBe(1);
    await saying;
    expect(told).toEqual(['failed']);
    // What overwrites the lost one is on the disk, beside what `b` wrote.
    expect(await length()).toBeGreaterThan(before);
    expect(logged).toEqual([
      expect.stringContaining('look at the kernel log'),
      'the database did not answer for a commit',
      'the database works again',
    ]);
  });

  it('says in the end that nobody knows, and lets no other commit come so far', async () => {
    failing.set('COMMIT', FSYNC);
    const late = say('a');
    await vi.waitUntil(() => logged.length > 0);
    time += 10_000;
    await expect(late).rejects.toMatchObject({ reason: 'unknown_outcome', fault: 'io_error' });
    for (let times = 0; times < 3; times++)
      await expect(say('b')).rejects.toMatchObject({ reason: 'failed', fault: 'io_error' });
    failing.clear();
    expect(await say('c')).toBe(1);
    await expect(store.check()).resolves.toBeUndefined();
  });

  it('lets nobody in after it noticed by itself that the disk does not sync', async () => {
    failing.set('COMMIT', FSYNC);
    time += 5_000;
    await expect(store.check()).rejects.toMatchObject({ fault: 'io_error' });
    await expect(say('a')).rejects.toMatchObject({ reason: 'failed', fault: 'io_error' });
    failing.clear();
    expect(await say('b')).toBe(1);
  });

  it('knows that a commit whose record was not even written is lost', async () => {
    failing.set('COMMIT', WRITE);
    await expect(say('a')).rejects.toMatchObject({ reason: 'failed' });
    expect(logged).toHaveLength(1);
  });
});

describe('a store whose file is damaged', () => {
  it('says so at the first page that cannot be read, and acknowledges nothing more', async () => {
    await say('a');
    failing.set('SELECT', CORRUPT);
    await expect(places()).rejects.toMatchObject({ reason: 'failed', fault: 'damaged', cause: CORRUPT });
    failing.clear();
    // Another page is whole: it is read, and the damage stays what it is.
    expect(await places()).toEqual([1]);
    await expect(say('b')).rejects.toMatchObject({ reason: 'failed', fault: 'damaged' });
    time += 60_000;
    await expect(store.check()).rejects.toMatchObject({ fault: 'damaged' });
    expect(logged).toEqual([expect.stringContaining('is damaged and takes no more writes')]);
  });

  it('loses the whole transaction in which a work met the damage, also when the work hides it', async () => {
    failing.set('SELECT', CORRUPT);
    const hidden = store.write((tx) =>
      tx.log.entries('host', 0, 1).catch(() => Promise.reject(new Error('odd'))),
    );
    expect(await statuses([hidden, say('b')])).toEqual(['StoreError', 'StoreError']);
    failing.clear();
    expect(await places()).toEqual([]);
  });
});

describe('migrations', () => {
  const next = MIGRATIONS.length + 1;

  it('take effect together or not at all', async () => {
    const database = sqliteDatabase(native);
    const up = async (db: (typeof database)['kysely']) => {
      await db.schema.createTable('half').addColumn('id', 'integer').execute();
      throw new Error('half way');
    };
    const migrations = [...MIGRATIONS, { version: next, name: 'breaks half way', up }];
    await expect(migrate(database, { clock, logger: silent }, migrations)).rejects.toThrow('half way');
    expect(native.pragma("table_info('half')")).toBeUndefined();
    await migrate(database, { clock, logger: silent });
    expect(await say('a')).toBe(1);
  });

  it('are done once, however often the server starts', async () => {
    const database = sqliteDatabase(native);
    let runs = 0;
    const migrations = [...MIGRATIONS, { version: next, name: 'counted', up: async () => void runs++ }];
    await migrate(database, { clock, logger: silent }, migrations);
    await migrate(database, { clock, logger: silent }, migrations);
    expect(runs).toBe(1);
    // The store of this test belongs to the older server.
    native.exec(`DELETE FROM migrations WHERE version = ${next}`);
  });

  it('tell rooms that were there before of which tenant their networks are', async () => {
    const fresh = sqliteDatabase(await openNativeSqlite(':memory:'));
    await migrate(fresh, { clock, logger: silent }, MIGRATIONS.slice(0, 2));
    await sql`INSERT INTO networks VALUES ('n', 'acme', 'Net', 'public', 'open', 'u', 1, 1)`.execute(
      fresh.kysely,
    );
    await sql`INSERT INTO rooms VALUES ('network:n', 'e', 0), ('network:gone', 'e', 0), ('host', 'e', 0)`.execute(
      fresh.kysely,
    );
    await migrate(fresh, { clock, logger: silent });
    const rooms = await fresh.kysely
      .selectFrom('rooms')
      .select(['room', 'tenant_id'])
      .orderBy('room')
      .execute();
    expect(rooms.map(({ room, tenant_id }) => [room, tenant_id])).toEqual([
      ['host', null],
      ['network:gone', null],
      ['network:n', 'acme'],
    ]);
    await fresh.close();
  });
});
