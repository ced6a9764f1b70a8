import { once } from 'node:events';
import { WebSocket } from 'ws';

/** One envelope as it came off the wire. */
export interface Heard {
  readonly type: string;
  readonly op_id?: string;
  // What a test looks into is what it checks.
  readonly data?: Record<string, unknown>;
  readonly meta?: Record<string, unknown>;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly details: Record<string, unknown>;
  };
}

/** A WebSocket client that knows nothing but JSON, and remembers everything it heard. */
export interface RawClient {
  readonly socket: WebSocket;
  /** Everything heard so far, in order. */
  readonly heard: readonly Heard[];
  send(type: string, opId: string, data?: unknown, meta?: unknown): void;
  /** Sends, and waits for the reply with the same `op_id`. */
  ask(type: string, opId: string, data?: unknown, meta?: unknown): Promise<Heard>;
  /** The first envelope, heard already or to come, for which this holds; each is given once. */
  next(matches: (heard: Heard) => boolean): Promise<Heard>;
  event(type: string): Promise<Heard>;
  /** Code of the close, already there or to come. */
  readonly closed: Promise<number>;
  close(): Promise<void>;
}

interface Waiter {
  readonly matches: (heard: Heard) => boolean;
  readonly resolve: (heard: Heard) => void;
  readonly reject: (error: Error) => void;
}

export async function connectRaw(
  url: string,
  options: {
    readonly token?: string;
    readonly headers?: Record<string, string>;
    readonly protocols?: string[];
  } = {},
): Promise<RawClient> {
  const query = options.token === undefined ? '' : `?token=${encodeURIComponent(options.token)}`;
  const socket = new WebSocket(url + query, options.protocols ?? [], { headers: options.headers ?? {} });
  const heard: Heard[] = [];
  const unseen: Heard[] = [];
  let waiting: Waiter[] = [];

  socket.on('message', (frame) => {
    const envelope = JSON.parse(String(frame)) as Heard;
    heard.push(envelope);
    const waiter = waiting.find(({ matches }) => matches(envelope));
    if (!waiter) return void unseen.push(envelope);
    waiting = waiting.filter((other) => other !== waiter);
    waiter.resolve(envelope);
  });
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (code) => {
      for (const { reject } of waiting) reject(new Error(`closed with ${code} while waiting`));
      resolve(code);
    });
  });

  const next: RawClient['next'] = (matches) => {
    const index = unseen.findIndex(matches);
    const [found] = index < 0 ? [] : unseen.splice(index, 1);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => waiting.push({ matches, resolve, reject }));
  };
  const send: RawClient['send'] = (type, opId, data = {}, meta = undefined) =>
    socket.send(JSON.stringify({ type, op_id: opId, data, meta }));

  await once(socket, 'open');
  return {
    socket,
    heard,
    send,
    next,
    ask: (type, opId, data, meta) => {
      send(type, opId, data, meta);
      return next((envelope) => envelope.op_id === opId);
    },
    event: (type) => next((envelope) => envelope.type === type),
    closed,
    close: async () => {
      socket.close(1000);
      await closed;
    },
  };
}
