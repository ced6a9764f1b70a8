import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdir, mkdtemp, readFile, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StartError } from '../../../domain/start-error.js';
import { openStore } from '../open-store.js';
import { clock, event, silent } from '../testing/store-contract.js';
import type { NativeSqlite } from './native-sqlite.js';
import { openNativeSqlite } from './open-native-sqlite.js';
import { makeDurable } from './open-sqlite.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect sqlite '));
  path = join(folder, 'a.db');
});
afterEach(() => rm(folder, { recursive: true }));

const open = (url = `file:${path}`) => openStore({ url, clock, logger: silent });
/** The one line that an operator reads. */
const refusal = async (url?: string) => {
  const error: unknown = await open(url).then(
    (store) => store.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StartError);
  const { message } = error as StartError;
  expect(message).not.toContain('\n');
  return message;
};

describe('a SQLite file', () => {
  it('is made with its folder, for this user alone', async () => {
    const store = await open(`file:${folder}/a/b c/x.db`);
    await store.close();
    expect((await stat(`${folder}/a/b c/x.db`)).mode & 0o777).toBe(0o600);
  });

  it('is one file again when the store is closed, and keeps what it has', async () => {
    const store = await open();
    await store.write((tx) => tx.log.append('host', event('a'), 1));
    await store.close();
    expect((await stat(`${path}-wal`).catch(() => ({ size: 0 }))).size).toBe(0);
    const again = await open();
    expect(await again.read((tx) => tx.log.entries('host', 0, 10))).toHaveLength(1);
    await again.close();
  });

  it('serves one server at a time, in this process and others', async () => {
    const store = await open();
    expect(await refusal()).toContain('is in use by another process');
    await store.close();

    const script = `
      const Database = require(${JSON.stringify(createRequire(import.meta.url).resolve('libsql'))});
      const db = new Database(${JSON.stringify(`${path}-lock`)});
      db.exec('BEGIN EXCLUSIVE');
      console.log('held');
      setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    expect(await refusal()).toContain('is in use by another process: stop that one first');
    other.kill('SIGKILL');
    await once(other, 'exit');
    await (await open()).close();
  });

  it('serves one server also by way of symbolic links, whichever name was there first', async () => {
    const named = join(folder, 'link.db');
    await symlink('a.db', named);
    const first = await open(`file:${named}`);
    expect(await refusal()).toContain(`${path} is in use by another process`);
    await first.close();

    await symlink(folder, join(folder, 'folder'));
    const second = await open();
    for (const other of [named, join(folder, 'folder', 'a.db')])
      expect(await refusal(`file:${other}`)).toContain(`${path} is in use by another process`);
    await second.close();
  });

  it('is refused while it has a second name, by which it would have a second lock', async () => {
    await (await open()).close();
    const second = join(folder, 'second.db');
    await link(path, second);
    for (const name of [path, second])
      expect(await refusal(`file:${name}`)).toContain('has 2 names (hard links)');
    await unlink(second);
    await (await open()).close();
  });

  it.each([
    ['of its own', 'CREATE TABLE places (id INTEGER)'],
    [
      'called as ours are',
      'CREATE TABLE migrations (id INTEGER, batch INTEGER); CREATE TABLE rooms (id INTEGER)',
    ],
    ['that are views', 'CREATE VIEW rooms AS SELECT 1 AS epoch'],
  ])('of another program is left as it is, with tables %s', async (_, tables) => {
    const native = await openNativeSqlite(path);
    native.exec(tables);
    native.close();
    const before = await readFile(path);
    expect(await refusal()).toContain(`${path} holds the data of another program`);
    expect(await readFile(path)).toEqual(before);
  });

  it.each([
    [
      'SQLite',
      'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES (1); DROP TABLE t; ANALYZE',
    ],
    ['Litestream', 'CREATE TABLE _litestream_seq (id INTEGER); CREATE TABLE _litestream_lock (id INTEGER)'],
  ])('is taken as new where only %s keeps something', async (_, tables) => {
    const native = await openNativeSqlite(path);
    native.exec(tables);
    native.close();
    await (await open()).close();
  });

  it('is left alone when it is no database', async () => {
    await writeFile(path, 'precious notes, '.repeat(1000));
    expect(await refusal()).toContain('is not a SQLite database: name another file');
    expect((await stat(path)).size).toBe(16_000);
  });

  it('says why it cannot be written', async () => {
    await mkdir(path);
    expect(await refusal()).toContain('it is a folder');
    await writeFile(join(folder, 'file'), '');
    expect(await refusal(`file:${folder}/file/x.db`)).toContain('not a folder');
    expect(await refusal('mysql://x')).toContain('accepted are file:<path>');
  });

  it('of a newer server is refused, with the way out', async () => {
    await (await open()).close();
    const native = await openNativeSqlite(path);
    native.exec("INSERT INTO migrations VALUES (99, 'from the future', 0)");
    native.close();
    expect(await refusal()).toMatch(/schema version 99, this server knows up to \d+: run the newer server/);
  });
});

describe('durability', () => {
  it('promise 1 is asserted at every open: WAL, an fsync at each commit, foreign keys', async () => {
    for (let opening = 0; opening < 2; opening++) {
      const native = await openNativeSqlite(path);
      makeDurable(native, path);
      const found = ['journal_mode', 'synchronous', 'foreign_keys'].map((name) => native.pragma(name));
      expect(found).toEqual(['wal', 2, 1]);
      native.close();
    }
  });

  it.each([
    ['journal_mode = WAL', 'delete'],
    ['synchronous', 1],
    ['foreign_keys', 0],
  ])('refuses a database whose %s reads back as %s', async (pragma, answer) => {
    const native = await openNativeSqlite(path);
    const lying: NativeSqlite = {
      ...native,
      pragma: (text) => (text === pragma ? answer : native.pragma(text)),
    };
    expect(() => makeDurable(lying, path)).toThrow(StartError);
    native.close();
  });
});
