import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock, TimerHandle } from '@goconnect/protocol/validators';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { listenOn } from '../support/listen-on.js';
import { PATH } from './door.js';
import type { Denial, FakeTransport, Knock, PeerEvents, PeerSocket } from './peer.js';

export interface WsTransportOptions {
  readonly clock: Clock;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: 0, a free one. */
  readonly port?: number;
}

/** Above every limit that the fake server checks itself, so that it can answer 1009 as the contract says. */
const MAX_PAYLOAD = 64 * 1024 * 1024;
/** A6.4: a socket that completes no upgrade is gone in this time. */
const UPGRADE_MS = 10_000;
const PORT_TAKEN =
  'Stop it, or leave the port out (0): the server then takes a free one and tells it in `url`.';

/** A fake server on a real port. */
export function wsTransport({ clock, host = '127.0.0.1', port = 0 }: WsTransportOptions): FakeTransport {
  let server: Server | undefined;
  let boundPort = port;
  const sockets = new Set<Socket>();
  const deadlines = new WeakMap<Socket, TimerHandle>();

  const stop = async (): Promise<void> => {
    const stopping = server;
    server = undefined;
    if (!stopping) return;
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => stopping.close(() => resolve()));
  };

  return {
    get url() {
      return `ws://${host.includes(':') ? `[${host}]` : host}:${boundPort}${PATH}`;
    },
    async listen(knock) {
      const starting = createServer((_, response) =>
        response.writeHead(426, { connection: 'close' }).end('Upgrade Required'),
      );
      starting.on('connection', (socket) => {
        sockets.add(socket);
        const deadline = clock.setTimeout(() => socket.destroy(), UPGRADE_MS);
        deadlines.set(socket, deadline);
        socket.once('close', () => {
          clock.clearTimeout(deadline);
          sockets.delete(socket);
        });
      });
      starting.on('upgrade', ({ socket }) => clock.clearTimeout(deadlines.get(socket)));
      acceptUpgrades(starting, knock);
      boundPort = await listenOn(starting, { host, port: boundPort }, 'The fake server', PORT_TAKEN);
      server = starting;
    },
    stop,
    close: stop,
  };
}

function acceptUpgrades(server: Server, knock: (knock: Knock) => void): void {
  let selected: string | undefined;
  const upgrader = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD,
    handleProtocols: () => selected ?? false,
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const url = urlOf(request.url);
    if (!url) {
      answer(socket, 400, { body: NO_ADDRESS });
      return;
    }
    const offered = request.headers['sec-websocket-protocol'];
    knock({
      url,
      headers: request.headers as Readonly<Record<string, string>>,
      protocols: offered ? offered.split(',').map((one) => one.trim()) : [],
      accept(protocol, events) {
        let peer: PeerSocket | undefined;
        selected = protocol;
        // `ws` calls back before handleUpgrade returns.
        upgrader.handleUpgrade(request, socket, head, (accepted) => {
          peer = peerOf(accepted, events);
        });
        return peer;
      },
      deny: (status, denial) => answer(socket, status, denial),
    });
  });
}

/** What the path is read against: the `Host` header is only what a client says, and need not be one. */
const ORIGIN = 'ws://goconnect.fake';
const NO_ADDRESS = JSON.stringify({
  code: 'ERR_INVALID_MESSAGE',
  message: 'The path of the request cannot be read',
  details: {},
});

/** Undefined for what is no path. Put together first: by itself `//` would be taken for the beginning of a host. */
function urlOf(path = ''): URL | undefined {
  const whole = `${ORIGIN}${path}`;
  return path.startsWith('/') && URL.canParse(whole) ? new URL(whole) : undefined;
}

/** Answers a handshake with a status, and ends the connection. */
function answer(socket: Duplex, status: number, { headers = {}, body = '' }: Denial = {}): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
  ];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  lines.push(`content-length: ${Buffer.byteLength(body)}`, '', body);
  socket.end(lines.join('\r\n'));
}

function peerOf(socket: WebSocket, events: PeerEvents): PeerSocket {
  socket.on('message', (data: RawData, isBinary: boolean) => {
    const bytes = data as Buffer;
    if (isBinary) events.binary(bytes);
    else events.text(bytes.toString('utf8'));
  });
  socket.on('error', () => {});
  socket.on('close', (code) => events.closed(code));
  return {
    send: (text) => socket.send(text),
    sendBinary: (data) => socket.send(data),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    ping: () => socket.ping(),
  };
}
