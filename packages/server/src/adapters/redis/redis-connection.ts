import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, Redis } from 'ioredis';
import type { RedisAddress } from './redis-address.js';
import { RedisGone } from './redis-fault.js';

/** One connection to Redis, for one life: nothing is queued for a next one, and nothing tries again by itself. */
export interface RedisConnection {
  /** What may be asked once `open` has resolved. Rejects when the connection ends before the answer. */
  readonly redis: Pick<Redis, 'publish' | 'subscribe' | 'ping' | 'on'>;
  /** Resolves when one is logged in; rejects with why not, and the connection is to be ended then. */
  open(): Promise<void>;
  /** Bytes that came so far. */
  bytesRead(): number;
  /** Ends it at once. `why` is what `ended` tells, unless something else was there before. */
  end(why: unknown): void;
  /** Resolves with why, when nothing is left of it. */
  readonly ended: Promise<unknown>;
}

export function connectRedis(address: RedisAddress): RedisConnection {
  const socket = openSocket(address);
  let why: unknown;
  const ended = new Promise<unknown>((resolve) => {
    socket.once('close', () => resolve(why ?? new RedisGone('the connection was closed')));
  });
  const fail = (error: unknown) => {
    why ??= error;
  };
  // Not `once`: a second error without a listener would end the process.
  socket.on('error', fail);
  const redis = new Redis({
    Connector: connectorOf(socket),
    lazyConnect: true,
    // Tells the driver when the socket is of use.
    ...(address.tls && { tls: {} }),
    // What has the commands that we use, in every Redis and in what is like it.
    protocol: 2,
    connectTimeout: 0,
    // One life, nothing kept for another.
    retryStrategy: () => null,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    // INFO and CLIENT may be more than this user is allowed.
    enableReadyCheck: false,
    disableClientInfo: true,
  });
  redis.on('error', fail);
  return {
    redis,
    ended,
    async open() {
      try {
        await redis.connect();
        const { username, password = '' } = address;
        // Not by the driver: it writes to the console what it thinks of a password that nobody asked for.
        if (username !== undefined) await redis.auth(username, password);
        else if (password !== '') await redis.auth(password);
      } catch (error) {
        throw why ?? error;
      }
    },
    bytesRead: () => socket.bytesRead,
    end(reason) {
      fail(reason);
      socket.destroy();
    },
  };
}

function openSocket({ host, port, tls }: RedisAddress): Socket {
  const options = { host, port, noDelay: true };
  // A name is asked for, an address is none (RFC 6066).
  return tls
    ? connectTls({ ...options, ...(isIP(host) === 0 && { servername: host }) })
    : connectPlain(options);
}

/** The driver's own would wait for two seconds before it ends a socket that does not answer. */
function connectorOf(socket: Socket) {
  return class extends AbstractConnector {
    constructor() {
      super(0);
    }
    override async connect(): Promise<Socket> {
      this.stream = socket;
      return socket;
    }
    override disconnect(): void {
      socket.destroy();
    }
  };
}
