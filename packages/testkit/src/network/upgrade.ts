import type { ServerSocket } from './server-socket.js';

/** A handshake that a listener has to answer, once: `accept` or `deny`. */
export interface Upgrade {
  readonly url: URL;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Subprotocols that the client offers, in its order. */
  readonly protocols: readonly string[];
  /** Number of the connection, counted from 1; fault rules use it. */
  readonly connection: number;
  /**
   * @param protocol one of those offered; default: none
   * @returns the open connection; what is sent on it at once arrives right after the client's `open`
   */
  accept(protocol?: string): ServerSocket;
  /** Answers with an HTTP status. A client that imitates `ws` can read it all (`unexpected-response`), others see only that it failed. */
  deny(
    status: number,
    answer?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string },
  ): void;
}

export type UpgradeListener = (upgrade: Upgrade) => void;
