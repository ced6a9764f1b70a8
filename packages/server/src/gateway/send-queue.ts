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

type Counter = { -readonly [K in keyof Amount]: Amount[K] };

/**
 * What waits for one client, without its socket. One write is under way at a time; what comes meanwhile waits.
 * The bound (A6.3) counts everything the operating system has not taken, and only binds while a write is under way:
 * a client that takes what it is given is never slow, however much one turn brings.
 */
export class SendQueue {
  readonly #most: Amount;
  #chunks: Chunk[] = [];
  #waiting: Counter = { messages: 0, bytes: 0 };
  #underWay: Amount | undefined;
  #status: 'taking' | 'overflowed' = 'taking';

  constructor(messages: number) {
    this.#most = { messages, bytes: BOUNDS.sendBufferBytes };
  }

  /** Once the client is too slow nothing is taken any more: a stream with a hole is worse than an end. */
  push(chunk: Chunk): void {
    if (this.#underWay && this.#over(this.#underWay, chunk)) this.#status = 'overflowed';
    if (this.#status === 'overflowed') return;
    this.#chunks.push(chunk);
    this.#waiting.messages += chunk.messages;
    this.#waiting.bytes += chunk.bytes.length;
  }

  get status(): 'taking' | 'overflowed' {
    return this.#status;
  }

  /** What to write next; undefined while a write is under way or nothing waits. */
  take(): readonly Buffer[] | undefined {
    if (this.#underWay || this.#chunks.length === 0) return undefined;
    const taken: Counter = { messages: 0, bytes: 0 };
    const buffers: Buffer[] = [];
    for (const { bytes, messages } of this.#chunks) {
      if (taken.bytes >= BOUNDS.writeBytes) break;
      taken.messages += messages;
      taken.bytes += bytes.length;
      buffers.push(bytes);
    }
    if (buffers.length === this.#chunks.length) this.#chunks = [];
    else this.#chunks.splice(0, buffers.length);
    this.#waiting.messages -= taken.messages;
    this.#waiting.bytes -= taken.bytes;
    this.#underWay = taken;
    return buffers;
  }

  /** The operating system took what `take` gave. */
  flushed(): void {
    this.#underWay = undefined;
  }

  /** All that waits, for a last write behind the one that may be under way. */
  takeAll(): readonly Buffer[] {
    this.#waiting = { messages: 0, bytes: 0 };
    return this.#chunks.splice(0).map((chunk) => chunk.bytes);
  }

  /** Everything the operating system has not taken. */
  get amount(): Amount {
    const { messages, bytes } = this.#waiting;
    return {
      messages: messages + (this.#underWay?.messages ?? 0),
      bytes: bytes + (this.#underWay?.bytes ?? 0),
    };
  }

  get empty(): boolean {
    return this.#chunks.length === 0 && this.#underWay === undefined;
  }

  #over(underWay: Amount, chunk: Chunk): boolean {
    return (
      underWay.messages + this.#waiting.messages + chunk.messages > this.#most.messages ||
      underWay.bytes + this.#waiting.bytes + chunk.bytes.length > this.#most.bytes
    );
  }
}
