import { Kysely, SqliteDialect } from 'kysely';
import type { Schema } from '../schema.js';
import type { SqlDatabase } from '../sql-database.js';
import type { NativeSqlite } from './native-sqlite.js';

/** An open SQLite connection as the store sees it. `release` is called once it is closed. */
export function sqliteDatabase(native: NativeSqlite, release: () => void = () => {}): SqlDatabase {
  const kysely = new Kysely<Schema>({ dialect: new SqliteDialect({ database: native }) });
  return {
    kysely,
    beginWrite: 'BEGIN IMMEDIATE',
    shared: false,
    isConflict: () => false,
    wouldWait: () => false,
    async close() {
      await kysely.connection().execute(async () => {
        // Leaves one file that can be copied. On a full disk it cannot, and the next start does it.
        attempt(() => native.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
      });
      await kysely.destroy();
      release();
    },
  };
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {}
}
