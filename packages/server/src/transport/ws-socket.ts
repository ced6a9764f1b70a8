import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { ConnectionInbound, ServerSocket } from '../ports/server-socket.js';

/**
 * A `ws` socket as the gateway writes to it. Frames are ready when they come, so they go straight to the stream below:
 * `ws` would build and copy each of them again for each client. Nothing else interleaves, for without compression `ws`
 * itself writes its control frames at once and whole.
 */
export function writeThrough(ws: WebSocket, stream: Duplex): ServerSocket {
  return {
    write(frames, flushed) {
      // After a close frame nothing may follow (RFC 6455 5.5.1).
      if (ws.readyState !== WebSocket.OPEN) return;
      const last = frames.length - 1;
      if (last > 0) stream.cork();
      for (let index = 0; index < last; index++) stream.write(frames[index]);
      stream.write(frames[last], (error) => {
        if (!error) flushed();
      });
      if (last > 0) stream.uncork();
    },
    ping() {
      if (ws.readyState === WebSocket.OPEN) ws.ping();
    },
    close: (code, reason) => ws.close(code, reason),
    terminate: () => ws.terminate(),
  };
}

/** Tells the gateway what a `ws` socket receives. */
export function readInto(inbound: ConnectionInbound, ws: WebSocket): void {
  ws.on('message', (data, isBinary) => {
    // Who was closed for flooding has megabytes on their way still: not worth the decoding.
    if (ws.readyState !== WebSocket.OPEN) return;
    if (isBinary || !Buffer.isBuffer(data)) inbound.binary();
    else inbound.text(data.toString());
  });
  ws.on('ping', () => inbound.alive());
  ws.on('pong', () => inbound.alive());
  ws.on('close', (code) => inbound.closed(code));
}
