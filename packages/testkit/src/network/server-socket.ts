import { SocketEndpoint } from './socket-endpoint.js';

/** The accepting end of an in-memory connection: a WebSocket with the verbs that only servers have. */
export class ServerSocket extends SocketEndpoint {
  /** Called whenever the client answered a {@link ping}. */
  onpong: (() => void) | null = null;

  /** Sends a ping; every client answers by itself, as in a browser. */
  ping(): void {
    this.transmitControl({ kind: 'ping' });
  }

  /** Drops the connection without a close frame: the client sees 1006. */
  terminate(): void {
    this.input({ kind: 'terminate' });
  }

  /** Servers also send the codes of the protocol itself, but never those that mean "there was no close frame". */
  protected override mayCloseWith(code: number): boolean {
    return (
      (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
    );
  }

  protected override ponged(): void {
    this.onpong?.();
  }
}
