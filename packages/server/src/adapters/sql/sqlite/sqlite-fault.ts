import { StartError } from '../../../domain/start-error.js';
import type { StoreFault } from '../../../ports/store-error.js';
import { diskFault } from './disk-fault.js';

export type SqliteFault = 'denied' | 'locked' | 'io' | 'corrupt' | 'full' | 'not_a_database';

/** Names of the result codes that say something to an operator. */
const FAULTS = new Map<number, SqliteFault>([
  [3, 'denied'],
  [5, 'locked'],
  [6, 'locked'],
  [8, 'denied'],
  [10, 'io'],
  [11, 'corrupt'],
  [13, 'full'],
  [14, 'denied'],
  [26, 'not_a_database'],
]);

/** What went wrong, by SQLite's primary result code; undefined for anything else. */
export function sqliteFault(error: unknown): SqliteFault | undefined {
  const code = resultCode(error);
  return code === undefined ? undefined : FAULTS.get(code & 0xff);
}

/** BUSY, LOCKED, READONLY, FULL, IOERR_WRITE: the record of the commit, which comes last, was not written. */
const NOT_WRITTEN = new Set([5, 6, 8, 13, 778]);

/** A COMMIT that fails in its fsync has all of itself in the log file. */
export function mayHaveCommitted(error: unknown): boolean {
  const code = resultCode(error);
  return code === undefined || !(NOT_WRITTEN.has(code) || NOT_WRITTEN.has(code & 0xff));
}

/** It may be an extended code, which has the primary one in its low byte. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  // `node:sqlite` calls it `errcode`, `libsql` `rawCode`.
  const code: unknown = Reflect.get(error, 'errcode') ?? Reflect.get(error, 'rawCode');
  return typeof code === 'number' ? code : undefined;
}

const STORE_FAULTS: { readonly [K in SqliteFault]: StoreFault } = {
  denied: 'read_only',
  locked: 'locked',
  io: 'io_error',
  corrupt: 'damaged',
  full: 'disk_full',
  not_a_database: 'damaged',
};

/** What an error says about the database; undefined when it is about the statement. */
export function storeFault(error: unknown): StoreFault | undefined {
  const fault = sqliteFault(error);
  return fault && STORE_FAULTS[fault];
}

/** SQLite calls most of what a disk can do "I/O error": the folder of the file knows more. */
export function closerFault(fault: StoreFault, path: string): StoreFault {
  return fault === 'io_error' || fault === 'read_only' ? (diskFault(path) ?? fault) : fault;
}

const ADVICE: { readonly [K in SqliteFault]: string } = {
  denied: 'cannot be opened for writing: give this user the right to write the file and its folder',
  locked: 'is in use by another process: stop that one first, SQLite serves one server at a time',
  io: 'cannot be read or written: look at the disk',
  corrupt: 'is damaged: restore it from a backup',
  full: 'cannot grow: the disk is full, free space on it',
  not_a_database:
    'is not a SQLite database: name another file, or restore a backup if it was one; this one is left as it is',
};

/** The same, where the disk says more than SQLite. */
const DISK_ADVICE: { readonly [K in StoreFault]?: string } = {
  disk_full: ADVICE.full,
  read_only:
    'cannot be written: its file system or folder is read-only for this user, mount it or give the right',
};

/** One line for a database that cannot be opened. Anything unforeseen is handed back as it is. */
export function sqliteStartError(path: string, error: unknown): unknown {
  const fault = sqliteFault(error);
  if (fault === undefined) return error;
  const disk = fault === 'io' || fault === 'denied' ? diskFault(path) : undefined;
  const advice = (disk === undefined ? undefined : DISK_ADVICE[disk]) ?? ADVICE[fault];
  return new StartError(`DATABASE_URL: the file ${path} ${advice}.`, { cause: error });
}
