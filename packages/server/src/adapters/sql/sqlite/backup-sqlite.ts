import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { StartError } from '../../../domain/start-error.js';
import type { StoreFault } from '../../../ports/store-error.js';
import { diskFault } from './disk-fault.js';
import type { NativeSqlite } from './native-sqlite.js';
import { openNativeSqlite } from './open-native-sqlite.js';
import { sqliteStartError, storeFault } from './sqlite-fault.js';
import { countOf, whoseFile } from './whose-file.js';

export interface Backup {
  readonly file: string;
  readonly bytes: number;
  readonly schemaVersion: number;
  /** Entries of all rooms' logs. */
  readonly entries: number;
}

/** A server that commits all the time leaves a gap within this time. */
const BUSY_MS = 5_000;
/** What nobody wrote to for so long was left. Who lives in another container cannot be asked. */
const LEFT_MS = 10 * 60_000;

/**
 * Copies the database of a server, running or not, as it stands at one moment: everything that was acknowledged before
 * the call, and of what comes meanwhile an unbroken first part. The server goes on writing. The copy appears under its
 * name only when it is whole, checked and on disk; nothing is ever overwritten. Its rooms begin new epochs.
 *
 * To be called by another process than the server's: closing the file would let go of the locks of its own.
 *
 * @throws StartError with one line that says what to do
 */
export async function backupSqlite(source: string, target: string): Promise<Backup> {
  const from = resolve(source);
  const to = resolve(target);
  if (!existsSync(from)) throw new StartError(`DATABASE_URL: there is no database file ${from}.`);
  removeLeftovers(to);
  if (existsSync(to))
    throw new StartError(`${to} exists already: a backup overwrites nothing, name another file.`);
  // No process id: in another container another has the same.
  const partial = `${to}.partial-${randomBytes(6).toString('hex')}`;
  makePrivate(partial);
  try {
    await snapshot(from, partial);
    const facts = await inspect(partial);
    await beginNewEpochs(partial);
    sync(partial);
    publish(partial, to);
    return { file: to, ...facts, bytes: statSync(to).size };
  } catch (error) {
    throw ofTarget(to, partial, error) ?? error;
  } finally {
    for (const end of ENDS) rmSync(`${partial}${end}`, { force: true });
  }
}

/** What SQLite makes beside a file. */
const ENDS = ['', '-journal', '-wal', '-shm'];
const LEFTOVER = new RegExp(`^[0-9a-f]{12}(?:${ENDS.join('|')})$`);

/**
 * Password hashes must not stay where a backup was killed. It cannot do that itself: SQLite copies in one call, during
 * which no signal is heard.
 */
function removeLeftovers(to: string): void {
  const folder = dirname(to);
  const start = `${basename(to)}.partial-`;
  for (const name of namesIn(folder))
    if (name.startsWith(start) && LEFTOVER.test(name.slice(start.length))) removeOld(join(folder, name));
}

function removeOld(path: string): void {
  try {
    if (Date.now() - lstatSync(path).mtimeMs >= LEFT_MS) rmSync(path);
  } catch {
    // No reason to have no backup today: it may be a folder, somebody else's, or gone by now.
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // What is wrong with it is told when the copy is to be made.
    return [];
  }
}

/** For this user alone: it will hold password hashes. SQLite writes into an empty file that is there. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new StartError(
      `cannot write beside ${path} (${code}): name a file in a folder that can be written.`,
      { cause },
    );
  }
}

const TARGET_ADVICE: { readonly [K in StoreFault]?: string } = {
  disk_full: 'its disk is full; free space on it, or name a file on another disk',
  read_only: 'its disk or folder is read-only for this user; name a file in another folder',
};

/** SQLite does not say which of the two files it could not write; undefined when it was not the target. */
function ofTarget(to: string, partial: string, error: unknown): StartError | undefined {
  const cause = error instanceof StartError ? error.cause : error;
  const said = storeFault(cause);
  // Copying only reads the original.
  const fault =
    said === 'disk_full'
      ? said
      : said === 'io_error' || said === 'read_only'
        ? diskFault(partial)
        : undefined;
  const why = fault && TARGET_ADVICE[fault];
  return why === undefined ? undefined : new StartError(`cannot write ${to}: ${why}.`, { cause });
}

async function snapshot(from: string, partial: string): Promise<void> {
  let native: NativeSqlite | undefined;
  try {
    native = await openNativeSqlite(from);
    native.pragma(`busy_timeout = ${BUSY_MS}`);
    // Before it is copied: it may be large, and somebody else's.
    if (whoseFile(native) !== 'ours')
      throw new StartError(
        `DATABASE_URL: the file ${from} holds no data of a GoConnect server: name the file of one that was started.`,
      );
    native.exec(`VACUUM INTO '${partial.replaceAll("'", "''")}'`);
  } catch (error) {
    throw sqliteStartError(from, error);
  } finally {
    native?.close();
  }
}

/** A backup that cannot be restored is none. */
async function inspect(partial: string): Promise<Pick<Backup, 'schemaVersion' | 'entries'>> {
  const native = await openNativeSqlite(partial);
  try {
    const found = native.pragma('integrity_check');
    if (found !== 'ok')
      throw new StartError(`the database is damaged (${String(found).slice(0, 200)}): no backup was made.`);
    return {
      schemaVersion: countOf(native, 'SELECT max(version) AS n FROM migrations'),
      entries: countOf(native, 'SELECT count(*) AS n FROM room_events'),
    };
  } catch (error) {
    throw sqliteStartError(partial, error);
  } finally {
    native.close();
  }
}

/**
 * What the original writes after this moment is lost for whoever goes on with the copy, where the same numbers will
 * stand for other entries. Under the old epoch a client that has seen the lost ones would take those for the same (B3.1).
 */
async function beginNewEpochs(partial: string): Promise<void> {
  const native = await openNativeSqlite(partial);
  try {
    native.exec('UPDATE rooms SET epoch = lower(hex(randomblob(9)))');
  } catch (error) {
    throw sqliteStartError(partial, error);
  } finally {
    native.close();
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}

/** A hard link fails where a file has come meanwhile; a rename would replace it. */
function publish(partial: string, to: string): void {
  try {
    linkSync(partial, to);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const why = code === 'EEXIST' ? 'it exists already' : `the file system said ${code}`;
    throw new StartError(`cannot give the backup its name ${to}: ${why}; name another file.`, { cause });
  }
  unlinkSync(partial);
  sync(dirname(to));
}
