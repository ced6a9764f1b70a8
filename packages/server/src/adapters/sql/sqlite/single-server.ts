import type { NativeSqlite } from './native-sqlite.js';
import { openNativeSqlite } from './open-native-sqlite.js';
import { sqliteStartError } from './sqlite-fault.js';

/**
 * Holds `<file>-lock` as long as this server has the database: a second server on the same file would miss every
 * event of the first. The lock is one of the operating system's and dies with the process, however that ends; it is a
 * file of its own so that backups and a look with the sqlite3 shell stay possible. Returns how to let go.
 */
export async function holdForOneServer(path: string): Promise<() => void> {
  let lock: NativeSqlite | undefined;
  try {
    const held = await openNativeSqlite(`${path}-lock`);
    lock = held;
    held.exec('PRAGMA journal_mode = MEMORY');
    held.exec('BEGIN EXCLUSIVE');
    return () => {
      // A closed connection lives on until its statements are collected; its lock must not.
      held.exec('ROLLBACK');
      held.close();
    };
  } catch (error) {
    lock?.close();
    throw sqliteStartError(path, error);
  }
}
