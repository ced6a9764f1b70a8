import { filePath } from '../adapters/file-path.js';
import { createPinoLogger } from '../adapters/pino-logger.js';
import { migrateDatabase } from '../adapters/sql/open-store.js';
import { backupSqlite } from '../adapters/sql/sqlite/backup-sqlite.js';
import { systemClock } from '../adapters/system-clock.js';
import { StartError } from '../domain/start-error.js';
import { type Environment, readSettings } from '../settings/read-settings.js';

/** Of all settings these need one; an init container need not know the secrets. */
function databaseUrl({ DATABASE_URL }: Environment): string {
  return readSettings({ GOCONNECT_DEV: '1', DATABASE_URL }).databaseUrl;
}

/** Brings the tables up to date and ends. @returns what to tell */
export async function migrateCommand(env: Environment): Promise<string> {
  const url = databaseUrl(env);
  if (url === 'sqlite::memory:') throw new StartError('DATABASE_URL=sqlite::memory: has nothing to migrate.');
  const { from, to } = await migrateDatabase({ url, clock: systemClock, logger: createPinoLogger('warn') });
  return from === to
    ? `The database has schema version ${to} already.`
    : `Migrated from schema version ${from} to ${to}.`;
}

/** @returns what to tell */
export async function backupCommand(env: Environment, file: string): Promise<string> {
  const url = databaseUrl(env);
  if (!url.startsWith('file:'))
    throw new StartError(
      'backup is for SQLite files: a PostgreSQL database is backed up with pg_dump, see OPERATIONS.md.',
    );
  const { bytes, schemaVersion, entries, file: made } = await backupSqlite(filePath(url), file);
  return `${made}: ${bytes} bytes, schema version ${schemaVersion}, ${entries} log entries, checked and on disk.`;
}
