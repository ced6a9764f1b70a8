import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';

/** An envelope as it came over the wire; tests look into it freely. */
export interface Envelope {
  readonly type: string;
  readonly op_id?: string;
  readonly data?: Record<string, unknown>;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly details: Record<string, unknown>;
  };
  readonly room?: string;
  readonly seq?: number;
  readonly meta?: { readonly traceparent?: string };
}

const PATIENCE_MS = 5_000;

/** A raw client: it knows the published page and nothing else. */
export class TestClient {
  /** Everything received, in order, and never taken away. */
  readonly received: Envelope[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #unread: Envelope[] = [];
  #waiting: (() => void)[] = [];
  #operations = 0;

  private constructor(readonly ws: WebSocket) {
    this.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        for (const wake of this.#waiting.splice(0)) wake();
      });
    });
    ws.on('error', () => {});
    ws.on('message', (data) => {
      const envelope = JSON.parse(String(data)) as Envelope;
      this.received.push(envelope);
      this.#unread.push(envelope);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** Resolves when the upgrade is complete; rejects when it was refused. */
  static async open(url: string, protocols: string[] = [], options: ClientOptions = {}): Promise<TestClient> {
    const ws = new WebSocket(url, protocols, options);
    const client = new TestClient(ws);
    await once(ws, 'open');
    return client;
  }

  /** The first unread message that fits, which is read then; those before it stay unread. */
  async next(fits: string | ((envelope: Envelope) => boolean)): Promise<Envelope> {
    const test = typeof fits === 'string' ? (envelope: Envelope) => envelope.type === fits : fits;
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const index = this.#unread.findIndex(test);
      const [found] = index < 0 ? [] : this.#unread.splice(index, 1);
      if (found) return found;
      if (performance.now() > deadline || this.ws.readyState === WebSocket.CLOSED) {
        throw new Error(
          `${typeof fits === 'string' ? fits : 'what was waited for'} did not come; unread: ${JSON.stringify(this.#unread).slice(0, 2_000)}`,
        );
      }
      await this.#more(deadline - performance.now());
    }
  }

  send(frame: string | Buffer | object): void {
    this.ws.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Sends a request without waiting. @returns its op_id */
  post(type: string, data: object = {}, opId = `op-${++this.#operations}`, more: object = {}): string {
    this.send({ type, op_id: opId, data, ...more });
    return opId;
  }

  /** Sends a request and waits for whatever answers it. */
  async ask(type: string, data: object = {}, opId?: string, more: object = {}): Promise<Envelope> {
    const sent = this.post(type, data, opId, more);
    return await this.next((envelope) => envelope.op_id === sent);
  }

  /** All that the server had said so far is here when this resolves. */
  async fence(): Promise<void> {
    await this.ask('room.leave', { room: 'tenant:nowhere' });
  }

  /** Received messages of a type. */
  all(type: string): Envelope[] {
    return this.received.filter((envelope) => envelope.type === type);
  }

  async close(code = 1000): Promise<void> {
    this.ws.close(code);
    await this.closed;
  }

  /** Breaks the line, as a lost network does. */
  async break(): Promise<void> {
    this.ws.terminate();
    await this.closed;
  }

  #more(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, ms));
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
