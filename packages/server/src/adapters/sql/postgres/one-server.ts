import type { Clock, TimerHandle } from '@goconnect/protocol';
import pg from 'pg';
import { StartError } from '../../../domain/start-error.js';
import type { Logger } from '../../../ports/logger.js';

/** Any number, as long as every server takes the same one; the other half of the lock is the schema. */
const SERVER_LOCK = 740_592_610;
/** A server that was killed has its lock until PostgreSQL notices. */
const WAIT_MS = 5_000;
/** Between two tries to get back what was lost with its connection. */
const RETRY_MS = 1_000;
const LOCK_NOT_AVAILABLE = '55P03';

export interface OneServerOptions {
  readonly url: string;
  readonly logger: Pick<Logger, 'warn' | 'error' | 'info'>;
  readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  /** How long whoever has it may take to let go. Default: 5 s. */
  readonly waitMs?: number;
}

/**
 * Holds the database for this server: nothing tells two of them of each other's messages, kicks and log-outs. The lock
 * belongs to a session of its own and goes with it, however that ends. When the session breaks it is taken again; the
 * server goes on meanwhile, and says so if another one was faster. Rejects with a `StartError` when another server has it.
 * Resolves with how to let go.
 */
export async function holdForOneServer(options: OneServerOptions): Promise<() => Promise<void>> {
  const { logger, clock } = options;
  const end = new AbortController();
  let timer: TimerHandle;
  /** Whether it was said already that another server has it. */
  let told: 'no' | 'yes' = 'no';
  let held = await take(options, lost);

  function lost(): void {
    if (end.signal.aborted) return;
    logger.warn({}, 'the line that holds the database for this server broke; it is held again soon');
    again();
  }

  function again(): void {
    timer = clock.setTimeout(() => void retake(), RETRY_MS);
  }

  async function retake(): Promise<void> {
    try {
      const taken = await take({ ...options, waitMs: 0 }, lost);
      if (end.signal.aborted) return void (await taken.end());
      held = taken;
      told = 'no';
      logger.info({}, 'the database is held for this server again');
    } catch (error) {
      if (end.signal.aborted) return;
      if (error instanceof StartError && told === 'no') {
        told = 'yes';
        logger.error({}, 'another server has this database as well: end one of the two');
      }
      again();
    }
  }

  return async () => {
    end.abort();
    clock.clearTimeout(timer);
    await held.end().catch(() => {});
  };
}

async function take(
  { url, logger, waitMs = WAIT_MS }: OneServerOptions,
  lost: () => void,
): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'goconnect-server lock',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // Without a listener the end of a line would be the end of the process.
  client.on('error', (error) => logger.warn({ err: error }, 'a connection to PostgreSQL broke'));
  try {
    await client.connect();
    // A machine that vanished without a word must not keep its successor out for hours. 0 would wait for ever.
    await client.query(
      `SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; SET lock_timeout = ${Math.max(1, waitMs)}`,
    );
    await client.query('SELECT pg_advisory_lock($1::int, hashtext(current_schema()))', [SERVER_LOCK]);
  } catch (error) {
    await client.end().catch(() => {});
    if (error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE) throw taken();
    throw error;
  }
  client.once('end', lost);
  return client;
}

function taken(): StartError {
  return new StartError(
    'DATABASE_URL: another server has this database, and nothing would tell the two of each other (BUS_URL is none): stop that one first, or give this one a database of its own.',
  );
}
