import { isWellFormed, utf8Length } from '@goconnect/protocol/validators';
import type { Denial, Frame } from './frame.js';
import { domException, SocketCloseEvent, SocketErrorEvent, type SocketEventMap } from './socket-events.js';
import {
  type SocketEffect,
  type SocketInput,
  type SocketState,
  type SocketVariant,
  socketStep,
} from './socket-state.js';
import type { Wire, WireEnd } from './wire.js';

type EventName = keyof SocketEventMap;
type ListenerOptions = Parameters<EventTarget['addEventListener']>[2];
type Handler<K extends EventName> = ((event: SocketEventMap[K]) => void) | null;

/** What a WebSocket can send. */
export type SocketData = string | ArrayBuffer | ArrayBufferView | Blob;

export interface EndpointOptions {
  readonly url: string;
  readonly variant: SocketVariant;
  readonly state: SocketState;
  readonly connect: (end: WireEnd) => Wire;
  /** Runs a task in a later turn. */
  readonly post: (task: () => void) => void;
}

const READY_STATE = { connecting: 0, open: 1, closing: 2, closed: 3 } as const;
const CLOSE_REASON_BYTES = 123;

/**
 * One end of an in-memory WebSocket, with the surface and the order of events of the WHATWG standard. It runs the pure
 * `socketStep`; both ends of a connection are of this kind.
 */
export class SocketEndpoint extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;

  readonly url: string;
  readonly extensions = '';
  binaryType: 'blob' | 'arraybuffer' = 'blob';
  #state: SocketState;
  readonly #options: EndpointOptions;
  readonly #wire: Wire;
  readonly #handlers = new Map<EventName, { handler: unknown }>();
  /** Bytes sent in this turn of the event loop: they count as buffered until it ends. */
  #thisTurn = 0;
  /** Bytes given to `send` when it was too late; the standard counts them for ever. */
  #unsendable = 0;

  constructor(options: EndpointOptions) {
    super();
    this.url = options.url;
    this.#options = options;
    this.#state = options.state;
    this.#wire = options.connect({
      receive: (frame) => this.input({ kind: 'frame', frame }),
      lost: (reason) => this.input({ kind: 'lost', reason }),
    });
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return READY_STATE[this.#state.status];
  }

  /** The subprotocol that the server selected; empty without one. */
  get protocol(): string {
    return this.#state.status === 'connecting' ? '' : this.#state.protocol;
  }

  /** Bytes given to `send` that have not left: it grows when the network or the reader is slow. */
  get bufferedAmount(): number {
    const waiting = Math.max(0, this.#wire.undelivered() - this.#wire.bufferBytes());
    return Math.max(this.#thisTurn, waiting) + this.#unsendable;
  }

  get onopen(): Handler<'open'> {
    return this.#handler('open');
  }
  set onopen(handler: Handler<'open'>) {
    this.#setHandler('open', handler);
  }
  get onmessage(): Handler<'message'> {
    return this.#handler('message');
  }
  set onmessage(handler: Handler<'message'>) {
    this.#setHandler('message', handler);
  }
  get onerror(): Handler<'error'> {
    return this.#handler('error');
  }
  set onerror(handler: Handler<'error'>) {
    this.#setHandler('error', handler);
  }
  get onclose(): Handler<'close'> {
    return this.#handler('close');
  }
  set onclose(handler: Handler<'close'>) {
    this.#setHandler('close', handler);
  }

  /** @throws DOMException `InvalidStateError` while connecting; after the end it silently does nothing */
  send(data: SocketData): void {
    if (this.#state.status === 'connecting')
      throw domException('InvalidStateError', 'The WebSocket is still connecting.');
    if (data instanceof Blob)
      void data.arrayBuffer().then((buffer) => this.#transmit(binaryFrame(new Uint8Array(buffer))));
    else this.#transmit(typeof data === 'string' ? textFrame(data) : binaryFrame(bytesOf(data)));
  }

  /**
   * Starts the closing handshake; does nothing when it has begun.
   *
   * @throws DOMException `InvalidAccessError` for a code that an application may not send, `SyntaxError` for a reason
   *   of more than 123 bytes
   */
  close(code?: number, reason = ''): void {
    if (code !== undefined && !this.mayCloseWith(code)) {
      throw domException('InvalidAccessError', `The close code must be 1000 or 3000-4999, not ${code}.`);
    }
    if (utf8Length(reason) > CLOSE_REASON_BYTES) {
      throw domException('SyntaxError', `The close reason must not exceed ${CLOSE_REASON_BYTES} bytes.`);
    }
    this.input({ kind: 'close', code: code ?? 1005, reason });
  }

  override addEventListener<K extends EventName>(
    type: K,
    listener: (event: SocketEventMap[K]) => void,
    options?: ListenerOptions,
  ): void;
  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void;
  override addEventListener(...args: unknown[]): void {
    super.addEventListener(...(args as Parameters<EventTarget['addEventListener']>));
  }

  override removeEventListener<K extends EventName>(
    type: K,
    listener: (event: SocketEventMap[K]) => void,
    options?: ListenerOptions,
  ): void;
  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void;
  override removeEventListener(...args: unknown[]): void {
    super.removeEventListener(...(args as Parameters<EventTarget['removeEventListener']>));
  }

  /** What a browser allows; the accepting end allows more. */
  protected mayCloseWith(code: number): boolean {
    return code === 1000 || (code >= 3000 && code <= 4999);
  }

  protected input(input: SocketInput): void {
    const { state, effects } = socketStep(this.#state, input, this.#options.variant);
    this.#state = state;
    for (const effect of effects) this.#run(effect);
  }

  protected transmitControl(frame: Frame): void {
    if (this.#state.status === 'open') this.#wire.transmit(frame);
  }

  /** The other side answered a ping. */
  protected ponged(): void {}

  /** The handshake was refused. */
  protected denied(_: Denial): void {}

  #run(effect: SocketEffect): void {
    switch (effect.kind) {
      case 'transmit':
        this.#wire.transmit(effect.frame);
        return;
      case 'release':
        this.#wire.release();
        return;
      case 'later':
        this.#options.post(() => this.input(effect.input));
        return;
      case 'pong':
        this.ponged();
        return;
      case 'open':
        this.dispatchEvent(new Event('open'));
        return;
      case 'message':
        this.dispatchEvent(
          new MessageEvent('message', { data: this.#messageData(effect.data), origin: originOf(this.url) }),
        );
        return;
      case 'denied':
        this.denied(effect.denial);
        return;
      case 'error':
        this.dispatchEvent(new SocketErrorEvent(this.#options.variant === 'browser' ? '' : effect.message));
        return;
      case 'closed':
        this.dispatchEvent(new SocketCloseEvent(effect));
    }
  }

  #messageData(data: string | Uint8Array): string | Blob | ArrayBuffer {
    if (typeof data === 'string') return data;
    const copy = new Uint8Array(data);
    return this.binaryType === 'blob' ? new Blob([copy]) : copy.buffer;
  }

  #transmit(frame: Frame & { readonly bytes: number }): void {
    if (this.#state.status !== 'open') {
      this.#unsendable += frame.bytes;
      return;
    }
    if (this.#thisTurn === 0) queueMicrotask(() => this.#turnOver());
    this.#thisTurn += frame.bytes;
    this.#wire.transmit(frame);
  }

  #turnOver(): void {
    this.#thisTurn = 0;
  }

  #handler<K extends EventName>(type: K): Handler<K> {
    return (this.#handlers.get(type)?.handler ?? null) as Handler<K>;
  }

  /** As for every event handler attribute: its turn is the one of the first time it was set. */
  #setHandler<K extends EventName>(type: K, handler: Handler<K>): void {
    const slot = this.#handlers.get(type);
    if (slot) {
      slot.handler = handler;
      return;
    }
    if (handler === null) return;
    const created: { handler: unknown } = { handler };
    this.#handlers.set(type, created);
    super.addEventListener(type, (event) =>
      (created.handler as ((event: Event) => void) | null)?.call(this, event),
    );
  }
}

function textFrame(text: string): Frame & { readonly bytes: number } {
  // What cannot be UTF-8 leaves as U+FFFD, as in every implementation.
  return {
    kind: 'text',
    data: isWellFormed(text) ? text : text.replace(/\p{Surrogate}/gu, '\ufffd'),
    bytes: utf8Length(text),
  };
}

function binaryFrame(data: Uint8Array): Frame & { readonly bytes: number } {
  return { kind: 'binary', data, bytes: data.byteLength };
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  const view = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  return view.slice();
}

function originOf(url: string): string {
  return new URL(url).origin;
}
