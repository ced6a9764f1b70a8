import type { Clock } from '@goconnect/protocol';
import { StartError } from '../../domain/start-error.js';
import type { Logger } from '../../ports/logger.js';
import type { Store } from '../../ports/store.js';
import type { StoreMetrics } from '../../ports/store-metrics.js';
import { filePath } from '../file-path.js';
import { type Migrated, migrate } from './migrate.js';
import type { Servers, SqlDatabase } from './sql-database.js';
import { SqlStore } from './sql-store.js';
import { probeWrite } from './write-probe.js';

export interface StoreOptions {
  /** `file:./data/goconnect.db`, `sqlite::memory:` or `postgres://…` (`DATABASE_URL`). */
  readonly url: string;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'setTimeout' | 'clearTimeout'>;
  readonly logger: Logger;
  /**
   * `one`: has the database to itself, and is refused where another server has it. Default `several`: shares it with its like, whom
   * a bus has to tell of each other, and is refused beside a lone one. SQLite is for one in any case.
   */
  readonly servers?: Servers;
  /** Where the bus of `several` is, without secrets, so that one with another is warned. Default: nobody is. */
  readonly bus?: string | undefined;
  /** Told once, when another server has taken the database from this one, which does nothing more with it. */
  readonly onTakenOver?: () => void;
  /** Default: nothing is counted. */
  readonly metrics?: StoreMetrics;
}

/**
 * Opens the database, brings its tables up to date and asserts that what it confirms is on disk.
 * Rejects with a `StartError`, one line that says what to do, where an operator can do something.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { url, clock, logger, servers = 'several', bus } = options;
  const database = await openDatabase(url, logger);
  try {
    // Before the tables change under the one that has them.
    await database.hold?.(servers, clock, bus);
    await migrate(database, { clock, logger });
    // A disk that is full or read-only shows at the first write, and that must not be a client's.
    await probeWrite(database);
    const fleet = await database.takeOver?.(servers, clock);
    return new SqlStore(database, { ...options, ...(fleet !== undefined && { fleet }) });
  } catch (error) {
    const refusal = database.startError(error);
    await database.close();
    throw refusal;
  }
}

/** Does what `openStore` does to the tables, and closes again. Rejects with a `StartError` likewise. */
export async function migrateDatabase({
  url,
  clock,
  logger,
}: { readonly clock: Pick<Clock, 'now'> } & Pick<StoreOptions, 'url' | 'logger'>): Promise<Migrated> {
  const database = await openDatabase(url, logger);
  try {
    return await migrate(database, { clock, logger });
  } catch (error) {
    throw database.startError(error);
  } finally {
    await database.close();
  }
}

/** Drivers are loaded when they are needed: a server on SQLite never loads the one for PostgreSQL. */
async function openDatabase(url: string, logger: Logger): Promise<SqlDatabase> {
  if (url === 'sqlite::memory:') {
    const { openSqliteMemory } = await import('./sqlite/open-sqlite.js');
    return await openSqliteMemory();
  }
  if (url.startsWith('file:')) {
    const { openSqliteFile } = await import('./sqlite/open-sqlite.js');
    return await openSqliteFile(filePath(url));
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { openPostgres } = await import('./postgres/open-postgres.js');
    return await openPostgres(url, logger);
  }
  throw new StartError(
    'DATABASE_URL: accepted are file:<path>, sqlite::memory: and postgres://<user>@<host>/<database>.',
  );
}
