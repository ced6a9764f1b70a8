import { Kysely, SqliteDialect } from 'kysely';
import type { Schema } from '../schema.js';
import type { SqlDatabase } from '../sql-database.js';
import { probeWrite } from '../write-probe.js';
import type { NativeSqlite } from './native-sqlite.js';
import { closerFault, mayHaveCommitted, sqliteStartError, storeFault } from './sqlite-fault.js';

/** Others get the loop again after this: whoever has a lock is waited for without SQLite. */
const LOCK_MS = 5;

/** A file that a connection was opened on. */
export interface SqliteFile {
  readonly path: string;
  /** Whether it is still the one that its name leads to. */
  readonly isInPlace: () => boolean;
  /** Called once the connection is closed. */
  readonly release: () => void;
}

/** An open SQLite connection as the store sees it; without a file it is in memory. */
export function sqliteDatabase(native: NativeSqlite, file?: SqliteFile): SqlDatabase {
  const kysely = new Kysely<Schema>({ dialect: new SqliteDialect({ database: native }) });
  const database: SqlDatabase = {
    kysely,
    beginWrite: 'BEGIN IMMEDIATE',
    mayHaveCommitted,
    async outcomeOf() {
      // What COMMIT failed at is not there for us, but in the log file it may be whole, and be found after a crash. The
      // next transaction is written over its beginning; once that is on the disk the lost one cannot come back.
      attempt(() => native.exec('ROLLBACK'));
      await probeWrite(database);
      return 'lost';
    },
    shared: false,
    isConflict: () => false,
    wouldWait: () => false,
    faultOf: storeFault,
    closerFault: (fault) => (file ? closerFault(fault, file.path) : fault),
    isInPlace: () => file?.isInPlace() ?? true,
    startError: (error) => (file ? sqliteStartError(file.path, error) : error),
    serve: () => void native.pragma(`busy_timeout = ${LOCK_MS}`),
    async close() {
      await kysely.connection().execute(async () => {
        // Leaves one file that can be copied. On a full disk it cannot, and the next start does it.
        attempt(() => native.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
      });
      await kysely.destroy();
      file?.release();
    },
  };
  return database;
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {}
}
