/**
 * One client's open WebSocket, as the gateway sees it. The adapter only translates; every policy is the gateway's.
 *
 * - `write` MUST put the given bytes on the line unchanged and in order; they are whole, unmasked text frames.
 * - `write` MUST say `taken` only when the operating system has all of them. Else it MUST call `flushed` once that is
 *   so, and MAY never call it when the connection ends first. It MUST NOT call it before `write` has returned.
 * - No method throws, also not on a connection that is already gone.
 */
export interface ServerSocket {
  write(frames: readonly Uint8Array[], flushed: () => void): 'taken' | 'under_way';
  /** Reads nothing more from the client until `resume`. What was read already, or what cannot be stopped, still comes. */
  pause(): void;
  resume(): void;
  /** Asks for a sign of life, which comes back through `ConnectionInbound.alive`. */
  ping(): void;
  /** Starts the closing handshake after what was written. `reason` is at most 123 bytes. */
  close(code: number, reason: string): void;
  /** Ends the connection at once, without a handshake. */
  terminate(): void;
}

/** What a socket tells the gateway. Calls after `closed` are ignored. */
export interface ConnectionInbound {
  /** One whole text frame. */
  text(frame: string): void;
  /** One whole binary frame, whose content nobody needs (A1.2). */
  binary(): void;
  /** Any sign of life: ping, pong. Frames are signs of life by themselves. */
  alive(): void;
  /** The connection is gone. `code` as the close frame of the client said, 1005 or 1006 where there was none. */
  closed(code: number): void;
}
