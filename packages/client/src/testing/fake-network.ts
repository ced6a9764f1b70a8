import type { WebSocketConstructor, WebSocketLike } from '../socket/socket.js';

export interface SentEnvelope {
  readonly type: string;
  readonly op_id: string;
  readonly data: Record<string, unknown>;
}

/** One fake connection, seen from the server's end. */
export class FakeSocket implements WebSocketLike {
  protocol = '';
  readyState = 0;
  bufferedAmount = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  /** What the client wrote. */
  readonly sent: SentEnvelope[] = [];
  closedWith: number | undefined;

  constructor(
    readonly url: string,
    readonly protocols: readonly string[],
    readonly options: Record<string, unknown> | undefined,
    private readonly onSent: (socket: FakeSocket, envelope: SentEnvelope) => void,
  ) {}

  send(text: string): void {
    const envelope = JSON.parse(text) as SentEnvelope;
    this.sent.push(envelope);
    this.onSent(this, envelope);
  }
  close(code = 1005): void {
    this.readyState = 3;
    this.closedWith = code;
  }

  open(protocol = ''): void {
    this.protocol = protocol;
    this.readyState = 1;
    this.onopen?.({} as never);
  }
  text(text: string): void {
    if (this.readyState === 1) this.onmessage?.({ data: text } as never);
  }
  push(envelope: object): void {
    this.text(JSON.stringify(envelope));
  }
  ack(envelope: SentEnvelope | undefined, data: object): void {
    this.push({ type: 'ack', op_id: envelope?.op_id, data });
  }
  end(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason } as never);
  }
  /** What undici does when an upgrade fails: an error, and never a close. Browsers give no reason: an empty one. */
  fail(message?: string): void {
    this.readyState = 3;
    this.onerror?.({ message } as never);
  }
  /** Requests of this type, in order. */
  requests(type: string): SentEnvelope[] {
    return this.sent.filter((envelope) => envelope.type === type);
  }
  get live(): boolean {
    return this.readyState < 2;
  }
}

export interface FakeNetwork {
  readonly WebSocket: WebSocketConstructor;
  readonly sockets: FakeSocket[];
  /** The newest. Throws when nothing was dialled. */
  readonly last: FakeSocket;
  /** What the server does with a new connection; nothing by default. */
  onDial: (socket: FakeSocket) => void;
  onSent: (socket: FakeSocket, envelope: SentEnvelope) => void;
}

export function createFakeNetwork(): FakeNetwork {
  const sockets: FakeSocket[] = [];
  const network: FakeNetwork = {
    sockets,
    WebSocket: class extends FakeSocket {
      constructor(url: string, protocols: string[] = [], options?: Record<string, unknown>) {
        super(url, protocols, options, (socket, envelope) => network.onSent(socket, envelope));
        sockets.push(this);
        queueMicrotask(() => network.onDial(this));
      }
    },
    get last() {
      const last = sockets.at(-1);
      if (!last) throw new Error('nothing was dialled');
      return last;
    },
    onDial: () => {},
    onSent: () => {},
  };
  return network;
}

/** A welcome as a v1 server says it. */
export function welcome(
  rooms: readonly { room: string; epoch: string; seq: number }[] = [],
  more: Record<string, unknown> = {},
): object {
  return {
    type: 'session.welcome',
    data: {
      session_id: 's1',
      user_id: 'u1',
      tenant_id: 't1',
      server: { name: 'fake', version: '1' },
      server_time: '2026-01-01T00:00:00Z',
      token_expires_in: 900,
      rooms,
      limits: { max_message_bytes: 524_288, messages_per_minute: 100, network_messages_per_minute: 1_000 },
      heartbeat: { ping_period_ms: 54_000, pong_wait_ms: 60_000 },
      resume: { window_ms: 300_000, max_events_per_room: 1_000 },
      dedupe_window_ms: 86_400_000,
      ...more,
    },
  };
}
