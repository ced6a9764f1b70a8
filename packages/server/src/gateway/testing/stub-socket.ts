import type { Dialect } from '../../ports/gateway.js';
import type { ConnectionInbound, ServerSocket } from '../../ports/server-socket.js';
import type { Envelope } from './test-client.js';
import { turns } from './test-clock.js';
import type { Person, TestServer } from './test-server.js';

/** A socket without a network: it shows what is written to it, and takes it only if it likes. */
export class StubSocket implements ServerSocket {
  /** Each write with its buffers. */
  readonly writes: (readonly Uint8Array[])[] = [];
  ended: string | undefined;
  stuck = false;
  inbound: ConnectionInbound | undefined;
  #flushed: (() => void)[] = [];

  async enter(server: TestServer, { userId, tenantId }: Person, dialect: Dialect = 'base'): Promise<void> {
    const identity = { userId, tenantId, expiresInMs: 86_400_000 };
    const admission = await server.gateway.admit({ identity, dialect });
    if (admission.kind === 'refused') throw new Error(admission.why);
    this.inbound = admission.open(this);
    const rooms = server.gateway.stats().rooms;
    while (server.gateway.stats().rooms < Math.max(2, rooms)) await turns(1);
    this.inbound.text('{"type":"room.leave","op_id":"here","data":{"room":"tenant:nowhere"}}');
    while (!this.text().includes('"op_id":"here"')) await turns(1);
    this.writes.length = 0;
  }

  /** All that was written. */
  text(): string {
    return Buffer.concat(this.writes.flat()).toString();
  }

  /** The answer to a request that was given to `inbound`, out of what was written. */
  async answer(opId: string): Promise<Envelope> {
    for (;;) {
      const found = this.envelopes().find((envelope) => envelope.op_id === opId);
      if (found) return found;
      await turns(1);
    }
  }

  /** Everything that was written, read back: whole frames, as the gateway makes them. */
  envelopes(): Envelope[] {
    return readFrames(Buffer.concat(this.writes.flat())).map((text) => JSON.parse(text) as Envelope);
  }

  /** The operating system takes what was written last. */
  take(): void {
    for (const flushed of this.#flushed.splice(0)) flushed();
  }

  write(frames: readonly Uint8Array[], flushed: () => void): 'under_way' {
    this.writes.push(frames);
    this.#flushed.push(flushed);
    if (!this.stuck) queueMicrotask(() => this.take());
    return 'under_way';
  }

  pause(): void {}

  resume(): void {}

  ping(): void {}

  close(code: number): void {
    this.ended = `closed ${code}`;
    queueMicrotask(() => this.inbound?.closed(code));
  }

  terminate(): void {
    this.ended = 'terminated';
  }
}

/** Unmasked text frames, as a server writes them (RFC 6455 5.2). */
function readFrames(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const short = (bytes[at + 1] ?? 0) & 127;
    const length =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
    texts.push(bytes.toString('utf8', start, start + length));
    at = start + length;
  }
  return texts;
}
