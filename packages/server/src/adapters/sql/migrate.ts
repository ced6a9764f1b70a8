import type { Clock } from '@goconnect/protocol';
import { type Kysely, sql } from 'kysely';
import { StartError } from '../../domain/start-error.js';
import type { Logger } from '../../ports/logger.js';
import { MIGRATIONS, type Migration } from './migrations/all.js';
import type { Schema } from './schema.js';
import type { SqlDatabase } from './sql-database.js';

interface Surroundings {
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** Schema versions before and after. */
export interface Migrated {
  readonly from: number;
  readonly to: number;
}

/**
 * Brings the tables up to date, forward only, in one transaction under a lock, so that nodes starting together do it once.
 * Rejects with a `StartError` when the database was made by a newer version.
 */
export async function migrate(
  database: SqlDatabase,
  { clock, logger }: Surroundings,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<Migrated> {
  return await database.kysely.connection().execute(async (db) => {
    await sql.raw(database.beginWrite).execute(db);
    try {
      if (database.migrationLock !== undefined) await sql.raw(database.migrationLock).execute(db);
      const { version: from, at } = await version(db);
      refuseNewer(from, migrations.length);
      warnOfClock(clock.now(), at, logger);
      for (const { version: number, name, up } of migrations.slice(from)) {
        await up(db);
        await db
          .insertInto('migrations')
          .values({ version: number, name, applied_at: clock.now() })
          .execute();
        logger.info({ version: number, name }, 'database migrated');
      }
      await sql.raw('COMMIT').execute(db);
      return { from, to: Math.max(from, migrations.length) };
    } catch (error) {
      await sql
        .raw('ROLLBACK')
        .execute(db)
        .catch(() => {});
      throw error;
    }
  });
}

async function version(db: Kysely<Schema>): Promise<{ readonly version: number; readonly at: number }> {
  await db.schema
    .createTable('migrations')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
  const row = await db
    .selectFrom('migrations')
    .select((of) => [of.fn.max('version').as('version'), of.fn.max('applied_at').as('at')])
    .executeTakeFirst();
  return { version: row?.version ?? 0, at: row?.at ?? 0 };
}

/** Clocks differ by seconds; a clock that was never set differs by years, and every token is judged by it. */
function warnOfClock(now: number, madeAt: number, logger: Pick<Logger, 'warn'>): void {
  const behindS = Math.round((madeAt - now) / 1_000);
  if (behindS < 60) return;
  logger.warn(
    { behind_s: behindS },
    'the clock of this machine is behind the time at which the database was made: set it (NTP), or tokens are judged wrongly',
  );
}

function refuseNewer(found: number, known: number): void {
  if (found <= known) return;
  throw new StartError(
    `The database has schema version ${found}, this server knows up to ${known}: run the newer server, or point DATABASE_URL at another database.`,
  );
}
