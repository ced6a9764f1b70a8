import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { ConnectionInbound, ServerSocket } from '../ports/server-socket.js';

/** Written behind the last frame, it is flushed when that is. */
const NOTHING = Buffer.alloc(0);

/**
 * A `ws` socket as the gateway writes to it. Frames are ready when they come, so they go straight to the stream below:
 * `ws` would build and copy each of them again for each client. Nothing else interleaves, for without compression `ws`
 * itself writes its control frames at once and whole.
 */
export class WsSocket implements ServerSocket {
  readonly #ws: WebSocket;
  readonly #stream: Duplex;

  constructor(ws: WebSocket, stream: Duplex) {
    this.#ws = ws;
    this.#stream = stream;
  }

  write(frames: readonly Uint8Array[], flushed: () => void): 'taken' | 'under_way' {
    // After a close frame nothing may follow (RFC 6455 5.5.1).
    if (this.#ws.readyState !== WebSocket.OPEN) return 'under_way';
    const stream = this.#stream;
    if (frames.length > 1) stream.cork();
    for (const frame of frames) stream.write(frame);
    if (frames.length > 1) stream.uncork();
    // Nearly always. A callback for each write would cost more than all else that is done for one.
    if (stream.writableLength === 0) return 'taken';
    stream.write(NOTHING, (error) => {
      if (!error) flushed();
    });
    return 'under_way';
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  ping(): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.ping();
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }
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
