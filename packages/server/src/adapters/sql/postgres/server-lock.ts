import type { Clock, TimerHandle } from '@goconnect/protocol';
import pg from 'pg';
import { StartError } from '../../../domain/start-error.js';
import type { Logger } from '../../../ports/logger.js';
import type { Servers } from '../sql-database.js';
import { countOtherBuses, showBus } from './bus-lock.js';
import { isFencedOff } from './fence.js';

/** Any number, as long as every server takes the same one; the other half of the lock is the schema. */
const SERVER_LOCK = 740_592_610;
/** A server that was killed has its lock until PostgreSQL notices. */
const WAIT_MS = 5_000;
/** So long a server that lost the lock stands in the queue for it before it looks whether the database is still its own … */
const QUEUE_MS = 1_000;
/** … and so long until it looks whether PostgreSQL is back: a server that is started over and over comes less often. */
const RETRY_MS = 200;
const LOCK_NOT_AVAILABLE = '55P03';

/** PostgreSQL gives either to nobody while somebody has the other, or stands before them in the queue for it. */
const LOCK = { one: 'pg_advisory_lock', several: 'pg_advisory_lock_shared' } as const;

const TAKEN = {
  one: 'DATABASE_URL: another server has this database, and nothing would tell the two of each other (BUS_URL is none here): stop that one first, give both the same BUS_URL, or give this one a database of its own.',
  several:
    'DATABASE_URL: a server without BUS_URL has this database, and nothing would tell the two of each other: stop that one first, and give it the same BUS_URL if both are to serve.',
} as const;

/** The same for a server that has lost the lock and goes on. */
const OCCUPIED = {
  one: 'another server has this database as well: end one of the two',
  several: 'a server without BUS_URL has this database as well: end it, or give it the same BUS_URL',
} as const;

const OTHER_BUS =
  'other servers of this database have another Redis in BUS_URL: unless it is the same one under another name, give all the same BUS_URL, or they hear of each other seconds late, and not at all who is online';

export interface ServerLockOptions {
  readonly url: string;
  readonly servers: Servers;
  /** Where the bus is, without secrets; those of a fleet have the same one. Default: it is not looked at. */
  readonly bus?: string | undefined;
  readonly logger: Pick<Logger, 'warn' | 'error' | 'info'>;
  readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  /** How long whoever has it may take to let go. Default: 5 s. */
  readonly waitMs?: number;
  /** Rejects when another server has taken the database (`isFencedOff`), or while it cannot be asked. */
  assertOurs(): Promise<void>;
  /** Told when it did: this server has lost, and tries no more. */
  takenOver(cause: unknown): void;
  /** Told each time that the database is held again. */
  heldAgain(): void;
}

/**
 * Holds the database for this server, or together with the others of a fleet: nothing tells a lone one and any other of each
 * other's messages, kicks and log-outs. The lock belongs to a session of its own and goes with it, however that ends. When the
 * session breaks the server stands in the queue for it at once and goes on meanwhile, until another one has taken the
 * database. Rejects with a `StartError` when somebody has it with whom it cannot be shared. Resolves with how to let go.
 */
export async function holdDatabase(options: ServerLockOptions): Promise<() => Promise<void>> {
  const { logger, clock, servers, takenOver, heldAgain } = options;
  const end = new AbortController();
  let timer: TimerHandle;
  /** Whether it was said already that another server has it. */
  let told: 'no' | 'yes' = 'no';
  let held = await take(options, lost);
  if (options.bus !== undefined) {
    const apart = await countOtherBuses(held);
    if (apart > 0) logger.warn({ servers: apart }, OTHER_BUS);
  }

  function lost(): void {
    if (end.signal.aborted) return;
    logger.warn({}, 'the line that holds the database for this server broke; it is held again soon');
    void retake();
  }

  async function retake(): Promise<void> {
    const turn = await queue();
    if (end.signal.aborted) return void (turn.kind === 'taken' && (await turn.client.end().catch(() => {})));
    if (turn.kind === 'taken') held = turn.client;
    // Who has the lock need not have the database: another one may have come, and lost it just so.
    const loss = turn.kind === 'away' ? undefined : await lossOf();
    if (end.signal.aborted) return;
    if (loss !== undefined) return takenOver(loss);
    if (turn.kind === 'taken') {
      told = 'no';
      logger.info({}, 'the database is held for this server again');
      return heldAgain();
    }
    if (turn.kind === 'occupied' && told === 'no') {
      told = 'yes';
      logger.error({}, OCCUPIED[servers]);
    }
    timer = clock.setTimeout(() => void retake(), turn.kind === 'away' ? RETRY_MS : 0);
  }

  async function queue(): Promise<Turn> {
    try {
      return { kind: 'taken', client: await take({ ...options, waitMs: QUEUE_MS }, lost) };
    } catch (error) {
      return { kind: error instanceof StartError ? 'occupied' : 'away' };
    }
  }

  /** Why the database is another server's; undefined while it is ours, as far as one can tell. */
  async function lossOf(): Promise<unknown> {
    try {
      await options.assertOurs();
      return undefined;
    } catch (error) {
      return isFencedOff(error) ? error : undefined;
    }
  }

  return async () => {
    end.abort();
    clock.clearTimeout(timer);
    await held.end().catch(() => {});
  };
}

type Turn =
  | { readonly kind: 'taken'; readonly client: pg.Client }
  /** Another server has the lock. */
  | { readonly kind: 'occupied' }
  /** PostgreSQL does not answer. */
  | { readonly kind: 'away' };

async function take(
  { url, servers, bus, logger, waitMs = WAIT_MS }: ServerLockOptions,
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
    await client.query(`SELECT ${LOCK[servers]}($1::int, hashtext(current_schema()))`, [SERVER_LOCK]);
    if (bus !== undefined) await showBus(client, bus);
  } catch (error) {
    await client.end().catch(() => {});
    if (error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE)
      throw new StartError(TAKEN[servers]);
    throw error;
  }
  client.once('end', lost);
  return client;
}
