import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { NotConforming } from '../case.js';

/** A connection below WebSocket. */
export interface TcpLine {
  /** Resolves when it has ended, whoever ended it. */
  readonly closed: Promise<void>;
  end(): void;
}

/** Opens a socket to the host of a `ws:` or `wss:` address and writes `text`. Rejects when nothing answers there. */
export type TcpDial = (url: URL, text: string) => Promise<TcpLine>;

const CONNECT_MS = 10_000;

/** Dials over the network. */
export const tcpDial: TcpDial = ({ protocol, hostname, port }, text) => {
  const secure = protocol === 'wss:';
  // Node wants an IPv6 address without its brackets.
  const host = hostname.replace(/^\[|\]$/g, '');
  const to = { host, port: Number(port) || (secure ? 443 : 80) };
  const socket = secure ? connectTls({ ...to, servername: host }) : connect(to);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const line: TcpLine = { closed, end: () => socket.destroy() };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy(new NotConforming(`no connection to ${host} within ${CONNECT_MS} ms`));
    }, CONNECT_MS);
    socket.once('close', () => clearTimeout(timer));
    // Later errors are ends like any other.
    socket.on('error', reject);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      socket.write(text);
      // Unread answers would hide the end of the stream.
      socket.resume();
      resolve(line);
    });
  });
};

/** Whether the line ends in this time. */
export function endsWithin(ms: number, { closed }: TcpLine): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void closed.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
