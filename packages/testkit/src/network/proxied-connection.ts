import { connect, type Socket } from 'node:net';
import type { Clock } from '@goconnect/protocol';
import type { SeededRandom } from '../chance/random.js';
import type { Direction, Fault } from './fault.js';
import { freshLink, type Link, transmit } from './link.js';
import { closeFrame, WsFrameReader, type WsPiece } from './ws-frame-reader.js';

export interface ProxiedOptions {
  readonly number: number;
  readonly client: Socket;
  readonly target: { readonly host: string; readonly port: number };
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly faults: (direction: Direction, frames: number) => readonly Fault[];
  readonly arrived: (connection: ProxiedConnection, direction: Direction, frames: number) => void;
  readonly ended: (connection: ProxiedConnection) => void;
}

interface Lane {
  readonly direction: Direction;
  readonly random: SeededRandom;
  readonly frames: WsFrameReader;
  /** Bytes of the handshake, until its blank line. */
  head: Buffer | undefined;
  link: Link;
  held: WsPiece[];
  sent: number;
  passed: number;
}

const HEAD_END = '\r\n\r\n';
const HEAD_MAX = 65_536;
/** Bytes held for a half-open direction before the sender is slowed down, as a full socket buffer would. */
const HELD_MAX = 4 * 1024 * 1024;

/** One TCP connection through the proxy: frames pass one by one, under the same pure link as in memory. */
export class ProxiedConnection {
  readonly number: number;
  readonly #options: ProxiedOptions;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #up: Lane;
  readonly #down: Lane;
  readonly #timers = new Set<unknown>();
  #over = false;

  constructor(options: ProxiedOptions) {
    this.number = options.number;
    this.#options = options;
    this.#client = options.client;
    this.#server = connect(options.target);
    this.#up = lane('up', options.random);
    this.#down = lane('down', options.random);
    this.#wire(this.#client, this.#server, this.#up);
    this.#wire(this.#server, this.#client, this.#down);
  }

  /** Both ends see a reset. */
  reset(): void {
    this.#end();
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  /** The client sees a close frame that the server never sent. */
  forgeClose(code: number, reason: string): void {
    this.#end();
    this.#client.end(closeFrame(code, reason));
    this.#server.destroy();
  }

  /** Faults changed: what was held may go on. */
  release(): void {
    for (const one of [this.#up, this.#down]) {
      const held = one.held;
      one.held = [];
      for (const piece of held) this.#transmit(one, piece);
      this.#source(one).resume();
    }
  }

  #wire(from: Socket, to: Socket, via: Lane): void {
    from.setNoDelay(true);
    from.on('data', (chunk) => this.#take(via, chunk));
    from.on('error', () => this.#broken(to));
    from.on('close', () => this.#broken(to));
  }

  #take(via: Lane, chunk: Buffer): void {
    if (this.#over) return;
    const rest = via.head === undefined ? chunk : this.#readHead(via, Buffer.concat([via.head, chunk]));
    if (rest) for (const piece of via.frames.push(rest)) this.#transmit(via, piece);
    const waiting = via.held.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (waiting > HELD_MAX) this.#source(via).pause();
  }

  /** The handshake passes as one piece; what follows it is frames. */
  #readHead(via: Lane, bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(HEAD_END);
    if (end === -1) {
      via.head = bytes;
      if (bytes.length > HEAD_MAX) this.reset();
      return undefined;
    }
    const denial = this.#options.faults(via.direction, 0).find(({ kind }) => kind === 'deny_upgrade');
    if (via.direction === 'up' && denial?.kind === 'deny_upgrade') {
      this.#deny(denial);
      return undefined;
    }
    via.head = undefined;
    const size = end + HEAD_END.length;
    this.#transmit(via, { bytes: bytes.subarray(0, size), headerBytes: size, isData: false });
    return bytes.subarray(size);
  }

  #deny({ status, headers = {}, body = '' }: Fault & { readonly kind: 'deny_upgrade' }): void {
    const lines = Object.entries({
      connection: 'close',
      'content-length': String(Buffer.byteLength(body)),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}`);
    this.#end();
    this.#server.destroy();
    this.#client.end([`HTTP/1.1 ${status} Denied`, ...lines, '', body].join('\r\n'));
  }

  #transmit(via: Lane, piece: WsPiece): void {
    const { clock, faults } = this.#options;
    if (via.held.length > 0) {
      via.held.push(piece);
      return;
    }
    const { link, passage } = transmit(
      via.link,
      faults(via.direction, via.sent),
      piece.bytes.length,
      clock.monotonic(),
      via.random,
    );
    if (passage.kind === 'held') {
      via.held.push(piece);
      return;
    }
    via.link = link;
    if (piece.isData) via.sent++;
    this.#at(passage.at, () => this.#arrive(via, piece, passage));
  }

  #arrive(
    via: Lane,
    piece: WsPiece,
    passage: Exclude<ReturnType<typeof transmit>['passage'], { kind: 'held' }>,
  ): void {
    const to = via === this.#up ? this.#server : this.#client;
    if (passage.kind === 'breaks' && piece.isData) {
      to.write(piece.bytes.subarray(0, piece.headerBytes + passage.afterBytes), () => this.reset());
      return;
    }
    if (passage.kind === 'breaks' || !piece.isData) to.write(piece.bytes);
    else for (let copy = 0; copy < passage.copies; copy++) to.write(flipped(piece, passage.flip));
    if (piece.isData) this.#options.arrived(this, via.direction, ++via.passed);
  }

  /** At once where nothing delays it: a proxy without faults adds no turn of the loop. */
  #at(time: number, task: () => void): void {
    const { clock } = this.#options;
    const left = time - clock.monotonic();
    if (left <= 0 && this.#timers.size === 0) {
      task();
      return;
    }
    const timer = clock.setTimeout(
      () => {
        this.#timers.delete(timer);
        if (!this.#over) task();
      },
      Math.max(0, left),
    );
    this.#timers.add(timer);
  }

  #source(via: Lane): Socket {
    return via === this.#up ? this.#client : this.#server;
  }

  /** One side went: the other hears of it, unless a fault keeps that from it. */
  #broken(other: Socket): void {
    if (this.#over) return;
    const direction = other === this.#server ? 'up' : 'down';
    const silent = this.#options
      .faults(direction, 0)
      .some(({ kind }) => kind === 'half_open' || kind === 'black_hole');
    if (silent) return;
    this.#at(Math.max(this.#up.link.lastArrival, this.#down.link.lastArrival), () => {
      this.#end();
      other.end();
      other.destroySoon();
    });
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const timer of this.#timers) this.#options.clock.clearTimeout(timer);
    this.#timers.clear();
    this.#options.ended(this);
  }
}

function lane(direction: Direction, random: SeededRandom): Lane {
  return {
    direction,
    random: random.fork(direction),
    frames: new WsFrameReader(),
    head: Buffer.alloc(0),
    link: freshLink,
    held: [],
    sent: 0,
    passed: 0,
  };
}

function flipped({ bytes, headerBytes }: WsPiece, place: number | undefined): Buffer {
  const payload = bytes.length - headerBytes;
  if (place === undefined || payload === 0) return bytes;
  const copy = Buffer.from(bytes);
  const bit = Math.floor(place * payload * 8);
  const index = headerBytes + (bit >> 3);
  copy[index] = (copy[index] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
