import { CompiledQuery } from 'kysely';
import type { Connection } from '../connection.js';

/** SQL: since when PostgreSQL runs, to the microsecond. It goes back behind what it had confirmed only between two lives. */
export const LIFE = 'extract(epoch FROM pg_postmaster_start_time())::text';

/**
 * SQL: what tells this database from one made from it. The cluster; the timeline, which changes when a replica takes over or a backup
 * is rolled forward; the number of the database, which a copy within the cluster has for itself; the number that a table got when it
 * was made, by a dump that is read in say.
 */
const ORIGIN = `concat_ws(':', (SELECT system_identifier FROM pg_control_system()), left(pg_walfile_name(pg_current_wal_lsn()), 8), (SELECT oid FROM pg_database WHERE datname = current_database()), 'rooms'::regclass::oid)`;

/** The row, as it is, and the database as it is. */
export interface FenceNow {
  /** Null where nobody had the database yet. */
  readonly server: string | null;
  readonly before: string;
  readonly origin: string | null;
  readonly life: string | null;
  readonly renewed: string | null;
  readonly originNow: string;
  readonly lifeNow: string;
  /** What was asked for besides; null when it is not there. */
  readonly last: string | null;
}

export type Run = <R>(text: string) => Promise<readonly R[]>;

export function runOn(connection: Connection): Run {
  return async <R>(text: string) => (await connection.execute<R>(CompiledQuery.raw(text))).rows;
}

/** @param last SQL that gives one row or none */
export async function readFence(run: Run, last = 'SELECT NULL'): Promise<FenceNow> {
  const [found] = await run<FenceNow>(
    `SELECT server, coalesce(before, '') AS before, origin, life, renewed, ${ORIGIN} AS "originNow", ${LIFE} AS "lifeNow", (${last}) AS last
     FROM (VALUES (1)) AS always LEFT JOIN fence ON true`,
  );
  if (found === undefined) throw new Error('PostgreSQL gave no row where there is always one');
  return found;
}
