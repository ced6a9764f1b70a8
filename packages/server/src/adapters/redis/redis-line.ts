import type { Clock, TimerHandle } from '@goconnect/protocol';
import type { RedisAddress } from './redis-address.js';
import { connectRedis, type RedisConnection } from './redis-connection.js';
import { RedisSilent } from './redis-fault.js';

/** How long it may take to be connected, logged in and subscribed. */
const OPEN_MS = 5_000;
/** Redis is asked for a sign of life this often … */
const LOOK_MS = 2_000;
/** … and is taken for gone when so many looks in a row saw not one byte: 6 s to 8 s of silence. */
const SILENT_LOOKS = 3;
/** How long the end may wait for Redis to take the last words. */
const FAREWELL_MS = 1_000;
/** What may wait for Redis to take it. Past it, whoever listens finds the holes sooner than they would hear. */
const UNANSWERED_BYTES = 8_388_608;

/**
 * Both ways to the other nodes: a connection that hears and one that tells, for one that hears takes no other commands.
 * They end together: a node that hears and is not heard, or the other way round, would be half in the fleet.
 */
export interface RedisLine {
  /** False when too much is waiting already. */
  publish(text: string, bytes: number): boolean;
  /** Ends it when Redis has taken what was published, or does not in a moment; resolves when nothing is left of it. */
  close(): Promise<void>;
  /** Resolves with why, as soon as one of the two has ended. */
  readonly lost: Promise<unknown>;
}

export interface RedisLineOptions {
  readonly address: RedisAddress;
  readonly channel: string;
  /** Published once, so that one who may not publish knows before the first message. */
  readonly hello: string;
  readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  readonly signal: AbortSignal;
  /** MUST NOT throw. */
  readonly onText: (text: string) => void;
}

/** Resolves when others are heard, and rejects with why that is not so, when nothing is left of the attempt. */
export async function openRedisLine(options: RedisLineOptions): Promise<RedisLine> {
  const { address, channel, hello, clock, signal, onText } = options;
  const hearing = connectRedis(address);
  const telling = connectRedis(address);
  const both = [hearing, telling];
  const end = (why: unknown) => {
    for (const connection of both) connection.end(why);
  };
  const lost = Promise.race(both.map(({ ended }) => ended));
  void lost.then(end);
  const over = Promise.all(both.map(({ ended }) => ended));
  const abort = () => end(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const late = clock.setTimeout(() => end(new RedisSilent(address.tls)), OPEN_MS);
  try {
    await Promise.all(both.map((connection) => connection.open()));
    hearing.redis.on('message', (_channel: string, text: string) => onText(text));
    await hearing.redis.subscribe(channel);
    await telling.redis.publish(channel, hello);
    signal.throwIfAborted();
  } catch (error) {
    end(error);
    await over;
    throw await lost;
  } finally {
    clock.clearTimeout(late);
    signal.removeEventListener('abort', abort);
  }
  const stopLooking = lookAfter(both, clock, () => end(new RedisSilent(false)));
  void lost.then(stopLooking);
  return {
    publish: publishTo(telling, channel, end),
    lost,
    async close() {
      await farewell(telling, lost, clock);
      end(new Error('closed'));
      await over;
    },
  };
}

/** A node that ends says so to the others last of all. The answer to a PING comes after those to what was published. */
async function farewell(
  { redis }: RedisConnection,
  lost: Promise<unknown>,
  clock: RedisLineOptions['clock'],
): Promise<void> {
  let timer: TimerHandle;
  const late = new Promise<void>((resolve) => {
    timer = clock.setTimeout(resolve, FAREWELL_MS);
  });
  await Promise.race([redis.ping().catch(() => {}), lost, late]);
  clock.clearTimeout(timer);
}

function publishTo(
  { redis }: RedisConnection,
  channel: string,
  onRefused: (error: unknown) => void,
): RedisLine['publish'] {
  let unanswered = 0;
  return (text, bytes) => {
    if (unanswered + bytes > UNANSWERED_BYTES) return false;
    unanswered += bytes;
    const answered = () => {
      unanswered -= bytes;
    };
    // A line that takes nothing is none, whatever else works on it.
    redis.publish(channel, text).then(answered, onRefused);
    return true;
  };
}

/**
 * Looks at what arrived and asks for more: a Redis that was stopped, or a way to it that was cut, closes nothing. Counted
 * in looks and not in time, so that a stall of this process is not taken for one of Redis.
 */
function lookAfter(
  connections: readonly RedisConnection[],
  clock: RedisLineOptions['clock'],
  onSilent: () => void,
): () => void {
  const watched = connections.map((connection) => ({ connection, bytes: -1, silent: 0 }));
  let timer: TimerHandle;
  const look = () => {
    for (const one of watched) {
      const bytes = one.connection.bytesRead();
      one.silent = bytes === one.bytes ? one.silent + 1 : 0;
      one.bytes = bytes;
      one.connection.redis.ping().catch(() => {});
    }
    if (watched.some(({ silent }) => silent >= SILENT_LOOKS)) onSilent();
    else timer = clock.setTimeout(look, LOOK_MS);
  };
  look();
  return () => clock.clearTimeout(timer);
}
