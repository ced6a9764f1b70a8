import type { SeededRandom } from '../chance/random.js';
import type { Host } from '../time/host.js';
import type { Direction, Fault } from './fault.js';
import { denialOf } from './fault-schedule.js';
import type { Frame } from './frame.js';
import { Pipe } from './pipe.js';
import { ServerSocket } from './server-socket.js';
import type { SocketVariant } from './socket-state.js';
import type { Upgrade, UpgradeListener } from './upgrade.js';
import type { Wire, WireEnd } from './wire.js';

export interface ConnectionOptions {
  readonly number: number;
  readonly url: URL;
  readonly protocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly client: Host;
  readonly server: Host;
  readonly now: () => number;
  readonly random: SeededRandom;
  readonly variant: SocketVariant;
  /** Who accepts at this address, looked up when the handshake arrives. */
  readonly listener: () => UpgradeListener | undefined;
  readonly faults: (direction: Direction, frames: number) => readonly Fault[];
  /** A data frame arrived, so many by now in that direction. */
  readonly arrived: (connection: FakeConnection, direction: Direction, frames: number) => void;
  readonly ended: (connection: FakeConnection) => void;
  readonly bufferBytes: number;
}

/** What the handshake has come to. */
type Stage = 'asking' | 'answered' | 'over';

/** A connection between a client and whoever listens: two pipes, and a handshake that travels through them. */
export class FakeConnection {
  readonly number: number;
  readonly url: URL;
  readonly #options: ConnectionOptions;
  readonly #up: Pipe;
  readonly #down: Pipe;
  readonly #clientEnd: WireEnd;
  #serverEnd: WireEnd | undefined;
  #stage: Stage = 'asking';

  constructor(clientEnd: WireEnd, options: ConnectionOptions) {
    this.number = options.number;
    this.url = options.url;
    this.#options = options;
    this.#clientEnd = clientEnd;
    this.#up = this.#pipe('up', options.server, (frame) => this.#atServer(frame));
    this.#down = this.#pipe('down', options.client, (frame) => clientEnd.receive(frame));
    this.#up.push({ kind: 'upgrade' });
  }

  /** The client's hold on the connection. */
  get clientWire(): Wire {
    return this.#wire(this.#up, () => this.#tellServer());
  }

  /** Breaks the connection for both ends, at once. */
  reset(reason = 'Connection reset'): void {
    this.#end();
    this.#clientEnd.lost(reason);
    this.#serverEnd?.lost(reason);
  }

  /** The client sees a close frame that the server never sent; the server sees the connection end. */
  forgeClose(code: number, reason: string): void {
    this.#end();
    this.#clientEnd.receive({ kind: 'close', code, reason });
    this.#serverEnd?.lost('Connection ended');
  }

  /** Faults changed. */
  release(): void {
    this.#up.release();
    this.#down.release();
  }

  #pipe(direction: Direction, receiver: Host, deliver: (frame: Frame) => void): Pipe {
    const { now, random, faults, arrived } = this.#options;
    return new Pipe({
      direction,
      receiver,
      now,
      random: random.fork(`${this.number}/${direction}`),
      faults: (frames) => faults(direction, frames),
      deliver: (frame) => {
        deliver(frame);
        // The sender of a frame that was cut sees the connection break, too.
        if (frame.kind === 'broken') this.reset('Connection cut in the middle of a frame');
        if (frame.kind === 'end') this.#end();
      },
      arrived: (frames) => arrived(this, direction, frames),
    });
  }

  #wire(pipe: Pipe, farewell: () => void): Wire {
    return {
      transmit: (frame) => pipe.push(frame),
      undelivered: () => pipe.undelivered,
      bufferBytes: () => this.#bufferBytes(pipe),
      release: farewell,
    };
  }

  #bufferBytes(pipe: Pipe): number {
    for (const fault of this.#options.faults(pipe === this.#up ? 'up' : 'down', 0)) {
      if (fault.kind === 'slow_reader') return fault.bufferBytes ?? this.#options.bufferBytes;
    }
    return this.#options.bufferBytes;
  }

  #atServer(frame: Frame): void {
    if (frame.kind !== 'upgrade') {
      this.#serverEnd?.receive(frame);
      return;
    }
    const denial = denialOf(this.#options.faults);
    const listener = this.#options.listener();
    if (denial) this.#down.push({ ...denial, kind: 'denied' });
    else if (listener) listener(this.#upgrade());
    else this.reset('connect ECONNREFUSED');
  }

  #upgrade(): Upgrade {
    const { url, headers, protocols, number } = this.#options;
    return {
      url,
      headers,
      protocols,
      connection: number,
      accept: (protocol = '') => this.#accept(protocol),
      deny: (status, answer) => this.#answer({ kind: 'denied', status, ...answer }),
    };
  }

  /** True for the first answer to a client that still waits. */
  #answer(frame: Frame): boolean {
    if (this.#stage !== 'asking') return false;
    this.#stage = 'answered';
    this.#down.push(frame);
    return true;
  }

  #accept(protocol: string): ServerSocket {
    const { url, server } = this.#options;
    const late = !this.#answer({ kind: 'accepted', protocol });
    return new ServerSocket({
      url: url.href,
      // A server's own library reports as ws does; a client that left meanwhile leaves a closed socket.
      variant: 'ws',
      state: late ? { status: 'closed', protocol } : { status: 'open', protocol },
      post: server.post,
      connect: (end) => {
        this.#serverEnd = end;
        return this.#wire(this.#down, () => this.#tellClient());
      },
    });
  }

  /** The client let go: the server hears of it through the pipe, unless that is cut. */
  #tellServer(): void {
    if (this.#stage === 'over') return;
    if (this.#serverEnd) this.#up.push({ kind: 'end' });
    else this.#end();
  }

  #tellClient(): void {
    if (this.#stage !== 'over') this.#down.push({ kind: 'end' });
  }

  #end(): void {
    if (this.#stage === 'over') return;
    this.#stage = 'over';
    this.#up.cut();
    this.#down.cut();
    this.#options.ended(this);
  }
}
