import { type NativeSqlite, openNativeSqlite } from './native-sqlite.js';
import { sqliteStartError } from './sqlite-fault.js';

/**
 * Holds `<file>-lock` as long as this server has the database: a second server on the same file would miss every
 * event of the first. The lock is one of the operating system's and dies with the process, however that ends; it is a
 * file of its own so that backups and a look with the sqlite3 shell stay possible. Returns how to let go.
 */
export async function holdForOneServer(path: string): Promise<() => void> {
  let lock: NativeSqlite | undefined;
  try {
    lock = await openNativeSqlite(`${path}-lock`);
    lock.pragma('busy_timeout = 0');
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    return lock.close;
  } catch (error) {
    lock?.close();
    throw sqliteStartError(path, error);
  }
}
