import { BOUNDS } from './bounds.js';

/** Whole frames that leave together: one shared buffer may hold many. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly messages: number;
}

export interface Amount {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * What waits for one client, without its socket. One write is under way at a time; what comes meanwhile waits.
 * The bound (A6.3) counts everything the operating system has not taken, and only binds while a write is under way:
 * a client that takes what it is given is never slow, however much one turn brings.
 *
 * A room of a thousand has a thousand of these in a row, each long out of the processor's cache: the counters are fields
 * and not objects, so that a delivery has less to fetch.
 */
export class SendQueue {
  readonly #mostMessages: number;
  #chunks: Chunk[] = [];
  #messages = 0;
  #bytes = 0;
  /** Of both counters above, what was given to the operating system. */
  #messagesUnderWay = 0;
  #bytesUnderWay = 0;
  #status: 'taking' | 'overflowed' = 'taking';

  constructor(messages: number) {
    this.#mostMessages = messages;
  }

  /** Once the client is too slow nothing is taken any more: a stream with a hole is worse than an end. */
  push(chunk: Chunk): void {
    if (this.#bytesUnderWay > 0 && this.#over(chunk)) this.#status = 'overflowed';
    if (this.#status === 'overflowed') return;
    this.#chunks.push(chunk);
    this.#messages += chunk.messages;
    this.#bytes += chunk.bytes.length;
  }

  get status(): 'taking' | 'overflowed' {
    return this.#status;
  }

  /** What to write next; undefined while a write is under way or nothing waits. */
  take(): readonly Buffer[] | undefined {
    if (this.#bytesUnderWay > 0 || this.#chunks.length === 0) return undefined;
    const buffers: Buffer[] = [];
    for (const { bytes, messages } of this.#chunks) {
      if (this.#bytesUnderWay >= BOUNDS.writeBytes) break;
      this.#messagesUnderWay += messages;
      this.#bytesUnderWay += bytes.length;
      buffers.push(bytes);
    }
    if (buffers.length === this.#chunks.length) this.#chunks = [];
    else this.#chunks.splice(0, buffers.length);
    return buffers;
  }

  /** The operating system took what `take` gave. */
  flushed(): void {
    this.#messages -= this.#messagesUnderWay;
    this.#bytes -= this.#bytesUnderWay;
    this.#messagesUnderWay = 0;
    this.#bytesUnderWay = 0;
  }

  /** All that waits, for a last write behind the one that may be under way. */
  takeAll(): readonly Buffer[] {
    this.#messages = this.#messagesUnderWay;
    this.#bytes = this.#bytesUnderWay;
    return this.#chunks.splice(0).map((chunk) => chunk.bytes);
  }

  /** Everything the operating system has not taken. */
  get amount(): Amount {
    return { messages: this.#messages, bytes: this.#bytes };
  }

  /** So little waits that a page may come on top, and half of the bound is left then for what the rooms say. */
  get light(): boolean {
    return this.#messages <= pageMessages(this.#mostMessages) && this.#bytes <= BOUNDS.pageBytes;
  }

  #over({ messages, bytes }: Chunk): boolean {
    return (
      this.#messages + messages > this.#mostMessages || this.#bytes + bytes.length > BOUNDS.sendBufferBytes
    );
  }
}

/** The most that a page holds where so many messages may wait. */
export function pageMessages(mostMessages: number): number {
  return Math.max(1, Math.floor(mostMessages * BOUNDS.pageShare));
}
