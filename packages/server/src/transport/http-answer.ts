import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { UpgradeRefusal } from './upgrade-refusal.js';

/** Answers a refused upgrade in HTTP (A5.2) and ends the connection. */
export function answerRefused(
  socket: Duplex,
  {
    reason,
    status,
    body,
    retryAfterMs,
  }: Omit<UpgradeRefusal, 'reason' | 'close'> & Partial<Pick<UpgradeRefusal, 'reason'>>,
): void {
  const text = JSON.stringify(body);
  const headers = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...(reason === 'no_handshake' ? ['Sec-WebSocket-Version: 13, 8'] : []),
    ...(status === 401 ? ['WWW-Authenticate: Bearer'] : []),
    ...(retryAfterMs === undefined ? [] : [`Retry-After: ${Math.ceil(retryAfterMs / 1_000)}`]),
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${headers.join('\r\n')}\r\n\r\n${text}`);
}
