import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Dial, WireEvents } from './wire.js';

/** Largest frame that a server may send to a case. */
const MAX_PAYLOAD = 64 * 1024 * 1024;
/** Bytes of a refusal's body that are read. */
const BODY_MAX = 65_536;
/** Longer than any wait of a case: who waits says what was waited for, and ends the socket. */
const HANDSHAKE_MS = 16_000;

/** Dials over the network. Offers compression, so that a case can see whether the server declines. */
export const wsDial: Dial = ({ url, protocols, headers }, events) => {
  const socket = new WebSocket(url, [...protocols], {
    headers,
    perMessageDeflate: true,
    maxPayload: MAX_PAYLOAD,
    handshakeTimeout: HANDSHAKE_MS,
  });
  let settled = false;
  socket.on('open', () => {
    settled = true;
    events.opened(socket.protocol, socket.extensions);
  });
  socket.on('message', (data, isBinary) => {
    if (isBinary) events.binary();
    else events.text(String(data));
  });
  socket.on('unexpected-response', (_, response) => {
    settled = true;
    void readRefusal(response, events).finally(() => socket.terminate());
  });
  socket.on('error', (error) => {
    if (!settled) events.refused({ status: undefined, headers: {}, body: error.message });
    settled = true;
  });
  socket.on('close', (code, reason) => events.closed(code, reason.toString('utf8')));
  return {
    send: (data) => socket.send(data),
    close: (code = 1000) => socket.close(code),
    terminate: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
};

async function readRefusal(response: IncomingMessage, events: WireEvents): Promise<void> {
  let body = '';
  response.setEncoding('utf8');
  try {
    for await (const chunk of response) if (body.length < BODY_MAX) body += String(chunk);
  } catch {
    // A server may hang up as soon as it has said no.
  }
  events.refused({ status: response.statusCode, headers: response.headers, body });
}
