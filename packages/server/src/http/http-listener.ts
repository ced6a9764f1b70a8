import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '@goconnect/protocol';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { StartError } from '../domain/start-error.js';
import type { EntryMetrics } from '../ports/entry-metrics.js';
import type { Doorway } from './doorway.js';
import { UnauthenticatedSockets } from './unauthenticated-sockets.js';
import { mustBeLast, UpgradableRequest } from './upgradable-request.js';

/** A6.4: sockets that send no whole request are gone in this time. */
const FIRST_REQUEST_MS = 10_000;
const WHOLE_REQUEST_MS = 30_000;
const KEEP_ALIVE_MS = 5_000;
/** Neither side made progress for this long: somebody asks and does not read the answer. */
const NO_PROGRESS_MS = 30_000;
/** Sockets that are about to be ended still count for Node. */
const ENDING_SOCKETS = 1_024;
/**
 * Connections that the kernel completes before they are accepted; past them a client believes to be connected, and is not. Node's 511
 * overflow when a whole fleet comes back. The kernel cuts it to `net.core.somaxconn`, 4,096 on Linux.
 */
const BACKLOG = 4_096;
/** Browsers put tokens of 4 KB into `?token=`, beside their cookies. */
const MAX_HEADER_BYTES = 32_768;

export interface HttpListener {
  /** For whoever takes over upgrades. */
  readonly server: Server;
  /** The socket is a user's connection now, which others watch over. */
  admitted(socket: Duplex): void;
  /** @throws StartError when the address cannot be had */
  listen(port: number, host: string): Promise<AddressInfo>;
  /** Takes no new requests; those under way have so long to end. */
  close(graceMs: number): Promise<void>;
}

export interface SocketBounds {
  /** Users' connections. The gateway keeps this bound; it stands here as one summand of all sockets. */
  readonly admitted: number;
  /** Sockets that are no user's connection (yet). */
  readonly unauthenticated: number;
}

/** Node's HTTP server with the bounds that it does not have by itself. */
export function createHttpListener(
  door: Pick<Doorway, 'fetch' | 'upgrade'>,
  clock: Clock,
  bounds: SocketBounds,
  metrics: Pick<EntryMetrics, 'strangerDropped'>,
): HttpListener {
  const server = createServer(
    {
      headersTimeout: FIRST_REQUEST_MS,
      requestTimeout: WHOLE_REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: MAX_HEADER_BYTES,
      IncomingMessage: UpgradableRequest,
    },
    getRequestListener((request, env) => door.fetch(request, env as HttpBindings), {
      overrideGlobalObjects: false,
    }),
  );
  server.timeout = NO_PROGRESS_MS;
  server.maxConnections = bounds.admitted + bounds.unauthenticated + ENDING_SOCKETS;
  const unauthenticated = watchUnauthenticated(server, bounds.unauthenticated, () =>
    metrics.strangerDropped(),
  );
  const silent = watchSilentSockets(server, clock);
  server.on('upgrade', door.upgrade);
  // Ahead of the listener that answers.
  server.prependListener('request', (request, response) => {
    if (mustBeLast(request)) response.shouldKeepAlive = false;
  });
  // While it closes, a connection whose request was the last one is not kept alive for another.
  server.on('request', (_request, response) => {
    response.once('close', () => setImmediate(() => server.listening || server.closeIdleConnections()));
  });

  return {
    server,
    admitted: (socket) => unauthenticated.left(socket),
    listen: (port, host) => listen(server, port, host),
    async close(graceMs) {
      // For Node these are busy, and it would wait for what they will never ask.
      silent.end();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const timer = clock.setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clock.clearTimeout(timer);
    },
  };
}

function watchUnauthenticated(server: Server, most: number, onDropped: () => void): UnauthenticatedSockets {
  const sockets = new UnauthenticatedSockets(most, onDropped);
  server.on('connection', (socket) => sockets.came(socket));
  server.on('request', (request, response) => {
    const { socket } = request;
    sockets.asked(socket, { request, response });
    response.once('close', () => sockets.asked(socket));
  });
  server.on('upgrade', (request) => sockets.asked(request.socket));
  return sockets;
}

/** Node's timeouts begin with the first byte: a socket that never sends one would stay for ever. */
function watchSilentSockets(server: Server, clock: Clock): { readonly end: () => void } {
  const timers = new Map<Socket, ReturnType<Clock['setTimeout']>>();
  const forget = (socket: Socket) => {
    clock.clearTimeout(timers.get(socket));
    timers.delete(socket);
  };
  server.on('connection', (socket) => {
    timers.set(
      socket,
      clock.setTimeout(() => socket.destroy(), FIRST_REQUEST_MS),
    );
    socket.once('close', () => forget(socket));
  });
  server.on('request', (request) => forget(request.socket));
  server.on('upgrade', (request) => forget(request.socket));
  return {
    end() {
      for (const socket of timers.keys()) socket.destroy();
    },
  };
}

async function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  try {
    server.listen({ port, host, backlog: BACKLOG });
    // `once` rejects on 'error'.
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(whyNot(error, port, host), { cause: error });
  }
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new StartError('the server has no TCP address');
  return address;
}

function whyNot(error: unknown, port: number, host: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = `${host}:${port}`;
  if (code === 'EADDRINUSE')
    return `${where} is taken by another program; stop it or set PORT to another port`;
  if (code === 'EACCES') return `this user may not listen on ${where}; set PORT to one over 1023`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `this machine has no address ${host}; set HOST to one it has`;
  return `cannot listen on ${where} (${String(code ?? error)})`;
}
