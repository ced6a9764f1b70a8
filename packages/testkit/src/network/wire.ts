import type { Frame } from './frame.js';

/** What an end of a connection is told by the network. */
export interface WireEnd {
  receive(frame: Frame): void;
  /** The connection is gone without a word: reset, cut, or the other side vanished in good order. */
  lost(reason: string): void;
}

/** What an end of a connection may ask of the network. */
export interface Wire {
  transmit(frame: Frame): void;
  /** Bytes handed to `transmit` that the other end has not got. */
  undelivered(): number;
  /** Ends the connection for both sides; the other end learns of it as the faults allow. */
  release(): void;
  /** Bytes that the system buffers take before `bufferedAmount` grows. */
  readonly bufferBytes: () => number;
}
