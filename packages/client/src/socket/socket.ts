/** The part of the WHATWG `WebSocket` that the client uses; browsers, Node, `ws` and fakes all have it. */
export interface WebSocketLike {
  readonly protocol: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

/** A WebSocket class. The third argument (`{ headers }`) is given only where the token travels in a header. */
export type WebSocketConstructor = new (
  url: string,
  protocols?: string[],
  options?: Record<string, unknown>,
) => WebSocketLike;

/** How a socket ended. */
export interface SocketEnd {
  /** WebSocket close code; 1006 when there was none. */
  readonly code: number;
  readonly reason: string;
  /**
   * One line for a person, where anything is known: what the network said (`connect ECONNREFUSED …`), how an upgrade was refused, what
   * `token()` threw. Never a token or a query. Browsers say nothing.
   */
  readonly cause?: string;
  /** HTTP status of a refused upgrade, where the platform tells (Node with `ws`). */
  readonly status?: number;
  /** `Retry-After` of a refused upgrade, where it is a number of seconds; a date is ignored, as clocks differ. */
  readonly retryAfterMs?: number;
  /** It never opened because the server selected no subprotocol; or perhaps because of that: browsers do not say. */
  readonly noSubprotocol?: 'certain' | 'possible';
}

/** Close code of one who leaves: others are told at once (A4.1). */
export const LEAVING = 1000;
/** Close code of one who goes on by another connection, of which this server may not have heard yet. */
export const MOVED = 4000;

/** An end without a word: the network, or a peer that vanished. */
export const BROKEN: SocketEnd = { code: 1006, reason: '' };

/** What a socket tells its owner. `onEnd` comes exactly once, unless the owner closed the socket itself. */
export interface SocketOwner {
  /** `unexplained`: without the subprotocol that was offered, and nobody said why. */
  onOpen(protocol: string, unexplained?: boolean): void;
  onText(text: string): void;
  onEnd(end: SocketEnd): void;
}

/** One connection. After `close` or `drop` the owner MUST NOT hear anything any more. */
export interface Socket {
  send(text: string): void;
  /** Bytes handed over and not yet gone. */
  readonly bufferedAmount: number;
  /** Says goodbye. Resolves when the socket is gone, where that can be known and waited for. */
  close(code: typeof LEAVING | typeof MOVED): Promise<void>;
  /** Gives up a dead one without waiting for anybody. */
  drop(): void;
}
