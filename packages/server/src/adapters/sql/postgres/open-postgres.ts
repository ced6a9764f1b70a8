import type { Clock } from '@goconnect/protocol';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { StartError } from '../../../domain/start-error.js';
import type { Logger } from '../../../ports/logger.js';
import { OURS } from '../ours.js';
import type { Schema } from '../schema.js';
import type { SqlDatabase, StoreHost } from '../sql-database.js';
import { createClientPool } from './client-pool.js';
import { CommitMark, mayHaveCommitted, maySetBack } from './commit-mark.js';
import { connectionUrl } from './connection-url.js';
import { Fence } from './fence.js';
import { postgresFault } from './postgres-fault.js';
import { postgresStartError } from './postgres-start-error.js';
import { holdDatabase } from './server-lock.js';

/** Any number, as long as every node takes the same one. */
const MIGRATION_LOCK = 7_405_926_108;

/** A megabyte of a table that is never there for others. Named by the session, for several servers may look at once. */
const GROWTH = `DO $$ BEGIN EXECUTE format(
  'CREATE TABLE goconnect_growth_%s AS SELECT repeat(''x'', 1000) FROM generate_series(1, 1000)', pg_backend_pid()
); END $$`;

const SET_BACK_WHILE_AWAY =
  'nobody knows that this database is the one that was served last (a dump that was read in, a replica that took over, an older version): every room begins a new epoch, and clients are told that something may be missing';

const UNSURE =
  'PostgreSQL failed over: what the other servers had confirmed may be lost, and nobody can tell: every room begins a new epoch, and clients are told that something may be missing';

/** A repeated refresh is taken for a theft after ten seconds, by the clock of whichever server it comes to (A5.3). */
const CLOCKS_APART_S = 5;

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const LOCK_NOT_AVAILABLE = '55P03';

/** Opens a pool on a database that other nodes may use as well. Rejects with a `StartError` that says what to do. */
export async function openPostgres(
  databaseUrl: string,
  logger: Pick<Logger, 'warn' | 'error' | 'info'>,
): Promise<SqlDatabase> {
  const url = connectionUrl(databaseUrl);
  const kysely = new Kysely<Schema>({
    dialect: new PostgresDialect({
      pool: createClientPool(poolConfig(url), logger),
      // Some installations switch it off; then an acknowledged message may be lost (promise 1).
      onCreateConnection: async (connection) =>
        void (await connection.executeQuery(
          CompiledQuery.raw(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
          ),
        )),
    }),
  });
  try {
    await assertDurable(kysely);
    await assertOurs(kysely);
  } catch (error) {
    await kysely.destroy();
    throw postgresStartError(error);
  }
  const fence = new Fence(kysely);
  const mark = new CommitMark(kysely, fence);
  const settle = async () => {
    const settled = await mark.settle();
    if (settled === 'unsure') logger.warn({}, UNSURE);
    return settled === 'lost' ? 'lost' : 'as_it_was';
  };
  let letGo = async (): Promise<void> => {};
  let host: StoreHost | undefined;
  return {
    kysely,
    get beginWrite() {
      return mark.beginUnmarked;
    },
    growth: GROWTH,
    beginMarked: (number) => mark.begin(number),
    committed: (number) => mark.committed(number),
    maySetBack,
    settle,
    mayHaveCommitted,
    outcomeOf: (number) => mark.outcomeOf(number),
    beginRead: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    migrationLock: `SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`,
    shared: true,
    isConflict: (error) => hasCode(error, SERIALIZATION_FAILURE, DEADLOCK),
    wouldWait: (error) => hasCode(error, LOCK_NOT_AVAILABLE),
    faultOf: postgresFault,
    closerFault: (fault) => fault,
    startError: postgresStartError,
    async hold(servers, clock, bus) {
      letGo = await holdDatabase({
        url,
        servers,
        bus,
        logger,
        clock,
        assertOurs: () => fence.assertOurs(),
        takenOver: (cause) => host?.takenOver(cause),
        heldAgain: () => host?.look(),
      });
    },
    async takeOver(servers, clock) {
      const { fleet, found } = await fence.raise(servers, clock);
      if (found === 'set_back') logger.warn({}, SET_BACK_WHILE_AWAY);
      if (fleet !== undefined) await compareClocks(kysely, clock, logger);
      return fleet;
    },
    serve(store) {
      host = store;
    },
    async close() {
      await kysely.destroy();
      await letGo();
    },
  };
}

function poolConfig(url: string): pg.PoolConfig {
  const { INT8 } = pg.types.builtins;
  return {
    connectionString: url,
    application_name: 'goconnect-server',
    // One connection writes (group commit), the others read.
    max: 8,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    // The server gives up before the client does, so that a connection is only thrown away when the server is gone.
    statement_timeout: 10_000,
    query_timeout: 15_000,
    // A line that broke on our side only must not hold rooms, nor the outcome of its last commit, until TCP gives up.
    idle_in_transaction_session_timeout: 3_000,
    keepAlive: true,
    types: {
      // Times in milliseconds and places in a log: all far below 2^53.
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  };
}

async function assertDurable(kysely: Kysely<Schema>): Promise<void> {
  const { rows } = await kysely.executeQuery<{ fsync: string; synchronous_commit: string }>(
    CompiledQuery.raw(
      "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit",
    ),
  );
  const [found] = rows;
  if (found?.fsync === 'on' && found.synchronous_commit !== 'off') return;
  throw new StartError(
    `DATABASE_URL: PostgreSQL runs with fsync=${found?.fsync}, synchronous_commit=${found?.synchronous_commit}, so it may lose what it has confirmed: set both to on in postgresql.conf.`,
  );
}

/** What one server of a fleet wrote down others judge: by the time of PostgreSQL, which all of them know, each is told if it is wrong. */
async function compareClocks(
  kysely: Kysely<Schema>,
  clock: Pick<Clock, 'now'>,
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  const { rows } = await kysely.executeQuery<{ at: number }>(
    CompiledQuery.raw('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS at'),
  );
  const aheadS = Math.round((clock.now() - (rows[0]?.at ?? 0)) / 1_000);
  if (Math.abs(aheadS) < CLOCKS_APART_S) return;
  logger.warn(
    { ahead_s: aheadS },
    'the clock of this machine and that of PostgreSQL differ: set both (NTP), or the servers that share it judge tokens and repeats differently',
  );
}

/** Before anything is made beside them: their names may be ours. What an extension brought is nobody's. */
async function assertOurs(kysely: Kysely<Schema>): Promise<void> {
  const { rows } = await kysely.executeQuery<{ name: string; columns: string[] }>(
    CompiledQuery.raw(
      `SELECT relname AS name, array_agg(attname::text) AS columns
       FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
       WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND relnamespace::regnamespace::text = quote_ident(current_schema())
         AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
       GROUP BY relname ORDER BY relname`,
    ),
  );
  const columnsOf = new Map(rows.map(({ name, columns }) => [name, columns]));
  const ours = [...OURS].every(([table, column]) => columnsOf.get(table)?.includes(column));
  if (ours || rows.length === 0) return;
  const [some, more] = [[...columnsOf.keys()].slice(0, 3).join(', '), rows.length > 3 ? ', …' : ''];
  throw new StartError(
    `DATABASE_URL: the schema has the tables of another program (${some}${more}): name an empty database, or make a schema and name it in search_path.`,
  );
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof pg.DatabaseError && codes.some((code) => code === error.code);
}
