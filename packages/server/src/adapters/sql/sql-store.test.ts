import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../domain/operation-error.js';
import { migrate } from './migrate.js';
import { SqlStore } from './sql-store.js';
import type { NativeSqlite } from './sqlite/native-sqlite.js';
import { openNativeSqlite } from './sqlite/open-native-sqlite.js';
import { makeDurable } from './sqlite/open-sqlite.js';
import { sqliteDatabase } from './sqlite/sqlite-database.js';
import { clock, event, silent } from './testing/store-contract.js';

/** What SQLite says when the disk is full. */
const full = () => Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL', rawCode: 13 });

let folder: string;
let native: NativeSqlite;
let store: SqlStore;
/** Statements that fail, by their first word. */
let failing: Set<string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect faults '));
  failing = new Set();
  native = await openNativeSqlite(join(folder, 'a.db'));
  makeDurable(native, folder);
  const database = sqliteDatabase({
    ...native,
    prepare(sql) {
      const statement = native.prepare(sql);
      return {
        reader: statement.reader,
        all: (parameters) => statement.all(parameters),
        run(parameters) {
          if (failing.has(sql.split(' ')[0] ?? '')) throw full();
          return statement.run(parameters);
        },
        iterate: (parameters) => statement.iterate(parameters),
      };
    },
  });
  await migrate(database, { clock, logger: silent });
  store = new SqlStore(database, clock, silent);
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
    failing.add('COMMIT');
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
    failing.add('COMMIT');
    await expect(say('a')).rejects.toMatchObject({ reason: 'failed', cause: { code: 'SQLITE_FULL' } });
    await expect(store.check()).rejects.toThrow('full');
    failing.clear();
    // Nobody writes meanwhile: the check finds out by itself.
    await store.check();
    await store.check();
    expect(await say('b')).toBe(1);
  });

  it('refuses what waits when not even a transaction can begin', async () => {
    failing.add('BEGIN');
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

describe('migrations', () => {
  const rooms = { version: 2, name: 'breaks half way', up: async () => {} };

  it('take effect together or not at all', async () => {
    const database = sqliteDatabase(native);
    const breaking = {
      ...rooms,
      up: async (db: (typeof database)['kysely']) => {
        await db.schema.createTable('half').addColumn('id', 'integer').execute();
        throw new Error('half way');
      },
    };
    const first = { version: 1, name: 'first', up: async () => {} };
    await expect(migrate(database, { clock, logger: silent }, [first, breaking])).rejects.toThrow('half way');
    expect(native.pragma("table_info('half')")).toBeUndefined();
    await migrate(database, { clock, logger: silent });
    expect(await say('a')).toBe(1);
  });

  it('are done once, however often the server starts', async () => {
    const database = sqliteDatabase(native);
    let runs = 0;
    const second = { ...rooms, up: async () => void runs++ };
    const first = { version: 1, name: 'first', up: async () => void runs++ };
    await migrate(database, { clock, logger: silent }, [first, second]);
    await migrate(database, { clock, logger: silent }, [first, second]);
    expect(runs).toBe(1);
    // The store of this test belongs to the older server.
    native.exec('DELETE FROM migrations WHERE version = 2');
  });
});
