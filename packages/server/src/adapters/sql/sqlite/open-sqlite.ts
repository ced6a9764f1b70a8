import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { StartError } from '../../../domain/start-error.js';
import type { SqlDatabase } from '../sql-database.js';
import { fileInPlace } from './file-in-place.js';
import type { NativeSqlite } from './native-sqlite.js';
import { openNativeSqlite } from './open-native-sqlite.js';
import { prepareFile } from './prepare-file.js';
import { holdForOneServer } from './single-server.js';
import { sqliteDatabase } from './sqlite-database.js';
import { sqliteStartError } from './sqlite-fault.js';
import { whoseFile } from './whose-file.js';

/** Opens a database that lives and dies with this process. */
export async function openSqliteMemory(): Promise<SqlDatabase> {
  const native = await openNativeSqlite(':memory:');
  native.exec('PRAGMA foreign_keys = ON');
  return sqliteDatabase(native);
}

/** Opens, or makes, a file for this server alone. Rejects with a `StartError` that says what to do. */
export async function openSqliteFile(file: string): Promise<SqlDatabase> {
  const named = resolve(file);
  prepareFile(named);
  // By another name, a symbolic link, it is the same file, and has the same lock.
  const path = realpathSync(named);
  const release = await holdForOneServer(path);
  let native: NativeSqlite | undefined;
  try {
    native = await openNativeSqlite(path);
    mustNotBeAnothers(native, path);
    makeDurable(native, path);
    mustBeWhole(native, path);
    return sqliteDatabase(native, { path, isInPlace: fileInPlace(named), release });
  } catch (error) {
    native?.close();
    release();
    throw sqliteStartError(path, error);
  }
}

/** Before anything in it is changed. */
function mustNotBeAnothers(native: NativeSqlite, path: string): void {
  if (whoseFile(native) !== 'another') return;
  throw new StartError(
    `DATABASE_URL: the file ${path} holds the data of another program: name another file; this one is left as it is.`,
  );
}

/**
 * WAL with an fsync at every commit, set and read back: some builds open an existing WAL database with NORMAL, which
 * loses acknowledged messages at a power cut and which no kill -9 would ever show (promise 1).
 */
export function makeDurable(native: NativeSqlite, path: string): void {
  // Only a tool that looks into the file can be in the way, and while we wait nothing else is served.
  native.pragma('busy_timeout = 1000');
  const journal = native.pragma('journal_mode = WAL');
  native.exec('PRAGMA synchronous = FULL');
  native.exec('PRAGMA foreign_keys = ON');
  const synchronous = native.pragma('synchronous');
  const foreignKeys = native.pragma('foreign_keys');
  if (journal === 'wal' && synchronous === 2 && foreignKeys === 1) return;
  throw new StartError(
    `DATABASE_URL: the file ${path} cannot be made durable (journal_mode=${journal}, synchronous=${synchronous}, foreign_keys=${foreignKeys}; needed: wal, 2, 1): put it on a local disk.`,
  );
}

/** So much is looked through in half a second. */
const QUICK_CHECK_BYTES = 64 * 2 ** 20;

/** Damage is better found before the first client comes. A larger file is looked through by each backup. */
function mustBeWhole(native: NativeSqlite, path: string): void {
  if (statSync(path).size > QUICK_CHECK_BYTES) return;
  const found = native.pragma('quick_check(1)');
  if (found === 'ok') return;
  throw new StartError(
    `DATABASE_URL: the file ${path} is damaged: restore it from a backup (SQLite says: ${String(found).slice(0, 200).replaceAll('\n', ' ')}).`,
  );
}
