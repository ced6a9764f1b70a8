import { once } from 'node:events';
import { WebSocket } from 'ws';

/** What a server says, as far as proofs look into it. */
export interface Envelope {
  readonly type: string;
  readonly op_id?: string;
  readonly room?: string;
  readonly seq?: number;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly details?: Readonly<Record<string, unknown>>;
  };
}

/** A v1 connection that repeats nothing and knows nothing: for proofs that choose their own `op_id`. */
export class RawConnection {
  private readonly waiting = new Map<string, (answer: Envelope | Error) => void>();
  /** Everything that was no answer. */
  readonly events: Envelope[] = [];
  /** With which code it was closed. */
  readonly closed: Promise<number>;

  private constructor(private readonly socket: WebSocket) {
    this.closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('message', (frame) => this.hear(JSON.parse(String(frame)) as Envelope));
    socket.on('close', (code) => {
      for (const answer of this.waiting.values()) answer(new Error(`The connection was closed with ${code}`));
    });
  }

  static async open(url: string, token: string): Promise<RawConnection> {
    const socket = new WebSocket(url, ['goconnect.v1'], { headers: { authorization: `Bearer ${token}` } });
    const connection = new RawConnection(socket);
    await once(socket, 'open');
    return connection;
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  async ask(type: string, opId: string, data: object): Promise<Envelope> {
    if (this.socket.readyState === WebSocket.CLOSED) throw new Error('The connection is closed');
    const answered = new Promise<Envelope>((resolve, reject) => {
      this.waiting.set(opId, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
    this.socket.send(JSON.stringify({ type, op_id: opId, data }));
    return await answered;
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.close(1000);
    await once(this.socket, 'close');
  }

  private hear(envelope: Envelope): void {
    const answer = this.waiting.get(envelope.op_id ?? '');
    if (!answer) return void this.events.push(envelope);
    this.waiting.delete(envelope.op_id ?? '');
    answer(envelope);
  }
}
