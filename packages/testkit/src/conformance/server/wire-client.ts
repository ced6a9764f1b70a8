import { isObject } from '../../support/is-object.js';
import { matches } from '../../support/matches.js';
import { parsed } from '../../support/parsed.js';
import { must, NotConforming } from '../case.js';
import type { Dial, WireRefusal, WireRequest, WireSocket } from './wire.js';

/** An envelope as it came, read as loosely as can be: cases check what matters to them. */
export interface WireEnvelope {
  readonly type: string;
  readonly op_id?: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    /** The original server leaves them out where they are empty. */
    readonly details?: Readonly<Record<string, unknown>>;
  };
  readonly room?: string;
  readonly seq?: number;
  readonly meta?: Readonly<Record<string, unknown>>;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

type Opening =
  | { readonly kind: 'open'; readonly protocol: string; readonly extensions: string }
  | { readonly kind: 'refused'; readonly refusal: WireRefusal };

/** What is wrong with a message, whatever a case looks at; `asked` is the type of the request that it answers. */
export type Watch = (envelope: WireEnvelope, asked: string | undefined) => string | undefined;

const CLOSE_REASON_BYTES = 123;

/** A client that knows only frames. It keeps everything it got, and notices at once what no server may ever send. */
export class WireClient {
  readonly received: WireEnvelope[] = [];
  /** Text of each frame, as it came. */
  readonly frames: string[] = [];
  #opening: Opening | undefined;
  #closed: Closed | undefined;
  #breach: string | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #socket: WireSocket;
  readonly #deadlineMs: number;
  readonly #watch: Watch;
  /** Type of the last request with each `op_id`. */
  readonly #asked = new Map<string, string>();
  #ops = 0;

  constructor(dial: Dial, request: WireRequest, deadlineMs: number, watch: Watch = () => undefined) {
    this.#deadlineMs = deadlineMs;
    this.#watch = watch;
    this.#socket = dial(request, {
      opened: (protocol, extensions) => this.#opens({ kind: 'open', protocol, extensions }),
      refused: (refusal) => this.#opens({ kind: 'refused', refusal }),
      text: (text) => this.#note(() => this.#text(text)),
      binary: () => this.#note(() => this.#breaks('A1.1: the server sent a binary frame')),
      closed: (code, reason) => this.#note(() => this.#ended(code, reason)),
    });
  }

  /** Resolves when the handshake is over, either way. */
  async opening(): Promise<Opening> {
    return this.until('the handshake to end', () => this.#opening);
  }

  /** The selected subprotocol; fails the case when the handshake was refused. */
  async opened(): Promise<{ readonly protocol: string; readonly extensions: string }> {
    const opening = await this.opening();
    if (opening.kind === 'open') return opening;
    throw new NotConforming(
      `the server refused the connection with status ${opening.refusal.status}: ${opening.refusal.body.slice(0, 200)}`,
    );
  }

  async refused(): Promise<WireRefusal> {
    const opening = await this.opening();
    must(opening.kind === 'refused', 'the server accepted a connection that it had to refuse');
    return opening.refusal;
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  sendBinary(data: Uint8Array): void {
    this.#socket.send(data);
  }

  /** Sends a request and returns its `op_id`. */
  send(
    type: string,
    data: object,
    opId = `case-${++this.#ops}-${Math.random().toString(36).slice(2, 10)}`,
    more: object = {},
  ): string {
    this.#asked.set(opId, type);
    this.sendText(JSON.stringify({ type, op_id: opId, data, ...more }));
    return opId;
  }

  /** Sends a request and waits for its reply, be it an ack or an error. */
  async request(type: string, data: object, opId?: string, more?: object): Promise<WireEnvelope> {
    const before = this.received.length;
    const sent = this.send(type, data, opId, more);
    return this.until(`a reply to ${type}`, () =>
      this.received.slice(before).find((one) => one.op_id === sent),
    );
  }

  /** As `request`; fails the case unless the reply is a success. */
  async ack(type: string, data: object, opId?: string, more?: object): Promise<WireEnvelope> {
    const reply = await this.request(type, data, opId, more);
    must(!reply.error, `${type} was answered with ${reply.error?.code}: ${reply.error?.message}`);
    return reply;
  }

  /** As `request`; fails the case unless the reply is an error with this code. */
  async error(code: string, type: string, data: object, opId?: string, more?: object): Promise<WireEnvelope> {
    const reply = await this.request(type, data, opId, more);
    must(reply.error, `${type} was answered with ${reply.type}, not with the error ${code}`);
    must(reply.error.code === code, `${type} was answered with ${reply.error.code}, not with ${code}`);
    return reply;
  }

  replies(opId: string): readonly WireEnvelope[] {
    return this.received.filter((one) => one.op_id === opId);
  }

  events(type: string, where: object = {}): readonly WireEnvelope[] {
    return this.received.filter(
      (one) => one.type === type && one.op_id === undefined && matches(one.data, where),
    );
  }

  /** The first such event, also one that came already. */
  async event(type: string, where: object = {}): Promise<WireEnvelope> {
    return this.until(`${type} ${JSON.stringify(where)}`, () => this.events(type, where)[0]);
  }

  /** Everything that the server wrote before its answer to a ping has arrived. */
  async settle(): Promise<void> {
    for (let round = 0; round < 2; round++) await this.request('presence.ping', {});
  }

  async closed(): Promise<Closed> {
    return this.until('the connection to be closed', () => this.#closed);
  }

  get open(): boolean {
    return this.#opening?.kind === 'open' && this.#closed === undefined;
  }

  /** Closes cleanly and waits for the end. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#socket.close();
    await this.until('the closing handshake', () => this.#closed);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Stops reading. */
  pause(): void {
    this.#socket.pause?.();
  }

  resume(): void {
    this.#socket.resume?.();
  }

  /**
   * Waits until `find` finds something. Fails the case at the deadline, or when the connection ended before. `times` the
   * deadline where much has to come.
   */
  async until<T>(what: string, find: () => T | undefined, times = 1): Promise<T> {
    const deadlineMs = times * this.#deadlineMs;
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const found = find();
      if (this.#breach !== undefined) throw new NotConforming(this.#breach);
      if (found !== undefined) return found;
      if (this.#closed)
        throw new NotConforming(`the connection ended (${this.#closed.code}) while waiting for ${what}`);
      const left = deadline - performance.now();
      if (left <= 0) throw new NotConforming(`waited ${deadlineMs} ms in vain for ${what}`);
      await this.#change(left);
    }
  }

  /** Fails the case when the server ever sent what none may send. */
  assertNoBreach(): void {
    if (this.#breach !== undefined) throw new NotConforming(this.#breach);
  }

  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
    });
  }

  #note(change: () => void): void {
    change();
    for (const wake of [...this.#waiting]) wake();
  }

  /** Whatever comes first decides. */
  #opens(opening: Opening): void {
    this.#note(() => {
      this.#opening ??= opening;
    });
  }

  #breaks(what: string | undefined): void {
    this.#breach ??= what;
  }

  #text(text: string): void {
    this.frames.push(text);
    const value = parsed(text);
    if (!isObject(value) || typeof value.type !== 'string') {
      this.#breaks(`A1.1: a frame is not one JSON envelope: ${text.slice(0, 120)}`);
      return;
    }
    const data = isObject(value.data) ? value.data : {};
    const envelope = { ...value, data } as unknown as WireEnvelope;
    this.received.push(envelope);
    this.#breaks(this.#watch(envelope, this.#asked.get(envelope.op_id ?? '')));
  }

  #ended(code: number, reason: string): void {
    this.#closed = { code, reason };
    if (new TextEncoder().encode(reason).length > CLOSE_REASON_BYTES)
      this.#breaks('A7: a close reason is longer than 123 bytes');
  }
}
