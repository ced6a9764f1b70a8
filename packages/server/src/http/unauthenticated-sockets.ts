import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What a socket is doing: nothing yet, or the request it asked last. */
type Work =
  | {
      readonly request: Pick<IncomingMessage, 'complete'>;
      readonly response: Pick<ServerResponse, 'writableEnded'>;
    }
  | undefined;

/**
 * Sockets that are no user's connection (yet), HTTP included. They have a share of their own, so that whoever fills it
 * keeps nobody out of the places for users. When it is full the socket goes that kept us waiting longest: a client that
 * means it is through in milliseconds, so those who stay are the ones that mean harm.
 */
export class UnauthenticatedSockets {
  /** Least recent sign first. */
  readonly #sockets = new Map<Duplex, Work>();
  readonly #most: number;
  readonly #onDropped: () => void;

  /** @param onDropped told of each socket that had to go, or was not let in, because there were too many */
  constructor(most: number, onDropped: () => void) {
    this.#most = most;
    this.#onDropped = onDropped;
  }

  get size(): number {
    return this.#sockets.size;
  }

  came(socket: Duplex): void {
    if (this.#sockets.size >= this.#most) {
      this.#onDropped();
      if (!this.#evict()) {
        socket.destroy();
        return;
      }
    }
    this.#sockets.set(socket, undefined);
    socket.once('close', () => this.left(socket));
  }

  /** It asked for something. It is ours to answer once the whole request is here. */
  asked(socket: Duplex, work?: NonNullable<Work>): void {
    if (!this.#sockets.delete(socket)) return;
    this.#sockets.set(socket, work);
  }

  /** It is gone, or a user's connection now. */
  left(socket: Duplex): void {
    this.#sockets.delete(socket);
  }

  /** @returns false when we are the ones to be waited for, by all of them */
  #evict(): boolean {
    for (const [socket, work] of this.#sockets) {
      if (work?.request.complete && !work.response.writableEnded) continue;
      this.#sockets.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }
}
