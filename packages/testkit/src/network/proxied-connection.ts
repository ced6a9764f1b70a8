import { connect, type Socket } from 'node:net';
import type { Clock, TimerHandle } from '@goconnect/protocol';
import type { SeededRandom } from '../chance/random.js';
import type { Direction, Fault } from './fault.js';
import { denialOf } from './fault-schedule.js';
import { type Flip, freshLink, type Link, type Passage, transmit, turnOver } from './link.js';
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

/** What travels along a lane: a piece of the stream, or the news that its sender went. */
type Cargo = WsPiece | 'end';

/** What the bytes of a stream are. */
type Reading =
  /** The handshake, until its blank line. */
  | { readonly stage: 'head'; readonly bytes: Buffer }
  | { readonly stage: 'frames' }
  /** The answer to a handshake that was refused: its body follows, and no frames. */
  | { readonly stage: 'body' };

interface Flight {
  readonly at: number;
  readonly bytes: number;
  readonly land: () => void;
}

interface Lane {
  readonly direction: Direction;
  readonly random: SeededRandom;
  readonly frames: WsFrameReader;
  readonly source: Socket;
  readonly sink: Socket;
  reading: Reading;
  link: Link;
  held: Cargo[];
  /** What has its time of arrival, in that order; only the first has a timer, so that nothing overtakes. */
  flying: Flight[];
  timer: TimerHandle | undefined;
  /** Bytes in `held` and `flying`. */
  waiting: number;
  sent: number;
  passed: number;
}

const HEAD_END = '\r\n\r\n';
const HEAD_MAX = 65_536;
const ACCEPTED = /^HTTP\/1\.1 101 /;
const HELD: Passage = { kind: 'held' };
/** Bytes that wait in a lane before its sender is slowed down, as a full socket buffer would. */
const WAITING_MAX = 4 * 1024 * 1024;
/** The same behind a slow reader. */
const SLOW_READER_MAX = 65_536;

/** One TCP connection through the proxy: frames pass one by one, under the same pure link as in memory. */
export class ProxiedConnection {
  readonly number: number;
  readonly #options: ProxiedOptions;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #up: Lane;
  readonly #down: Lane;
  #over = false;

  constructor(options: ProxiedOptions) {
    this.number = options.number;
    this.#options = options;
    this.#client = options.client;
    this.#server = connect(options.target);
    this.#up = lane('up', options.random, this.#client, this.#server);
    this.#down = lane('down', options.random, this.#server, this.#client);
    for (const one of [this.#up, this.#down]) this.#wire(one);
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
      for (const cargo of held) {
        one.waiting -= bytesOf(cargo);
        this.#transmit(one, cargo);
      }
      this.#regulate(one);
    }
  }

  #wire(via: Lane): void {
    via.source.setNoDelay(true);
    via.source.on('data', (chunk) => this.#take(via, chunk));
    // An error is always followed by `close`; without a listener it would end the process.
    via.source.on('error', () => {});
    via.source.on('close', () => {
      if (!this.#over) this.#transmit(via, 'end');
    });
  }

  #take(via: Lane, chunk: Buffer): void {
    if (this.#over) return;
    const { reading } = via;
    const rest =
      reading.stage === 'head' ? this.#readHead(via, Buffer.concat([reading.bytes, chunk])) : chunk;
    if (rest && rest.length > 0 && !this.#over)
      for (const piece of via.reading.stage === 'body' ? [wholePiece(rest)] : via.frames.push(rest))
        this.#transmit(via, piece);
    this.#regulate(via);
  }

  /** Keeps what waits here bounded: past the bound TCP's own buffers fill, and then the sender's. */
  #regulate(via: Lane): void {
    if (this.#over) return;
    const slow = this.#options.faults(via.direction, via.sent).find(({ kind }) => kind === 'slow_reader');
    const bound = slow?.kind === 'slow_reader' ? (slow.bufferBytes ?? SLOW_READER_MAX) : WAITING_MAX;
    if (via.waiting + via.sink.writableLength > bound) via.source.pause();
    else via.source.resume();
  }

  /** The handshake passes as one piece; what follows it is frames. */
  #readHead(via: Lane, bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(HEAD_END);
    if (end === -1) {
      via.reading = { stage: 'head', bytes };
      if (bytes.length > HEAD_MAX) this.reset();
      return undefined;
    }
    const denial = via.direction === 'up' ? denialOf(this.#options.faults) : undefined;
    if (denial) {
      this.#deny(denial);
      return undefined;
    }
    const size = end + HEAD_END.length;
    const accepted = via.direction === 'up' || ACCEPTED.test(bytes.toString('latin1', 0, size));
    via.reading = { stage: accepted ? 'frames' : 'body' };
    this.#transmit(via, wholePiece(bytes.subarray(0, size)));
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

  #transmit(via: Lane, cargo: Cargo): void {
    const passage = via.held.length > 0 ? HELD : this.#send(via, cargo);
    if (passage.kind === 'held') {
      via.held.push(cargo);
      via.waiting += bytesOf(cargo);
      return;
    }
    if (cargo !== 'end' && cargo.isData) via.sent++;
    this.#fly(via, {
      at: passage.at,
      bytes: bytesOf(cargo),
      land: () => (cargo === 'end' ? this.#gone(via) : this.#arrive(via, cargo, passage)),
    });
  }

  #send(via: Lane, cargo: Cargo): Passage {
    const { clock, faults } = this.#options;
    const now = clock.monotonic();
    const holding = faults(via.direction, via.sent);
    const { link, passage } = transmit(via.link, holding, bytesOf(cargo), now, via.random);
    via.link = link;
    return passage;
  }

  /** At once where nothing delays it: a proxy without faults adds no turn of the loop. */
  #fly(via: Lane, flight: Flight): void {
    if (via.flying.length === 0 && flight.at <= this.#options.clock.monotonic()) {
      flight.land();
      return;
    }
    via.flying.push(flight);
    via.waiting += flight.bytes;
    if (via.timer === undefined) this.#await(via, flight);
  }

  #await(via: Lane, { at }: Flight): void {
    const { clock } = this.#options;
    via.timer = clock.setTimeout(() => this.#land(via), Math.max(0, at - clock.monotonic()));
  }

  #land(via: Lane): void {
    via.timer = undefined;
    // A timer may come a fraction of a millisecond early; the first is due all the same.
    const flight = via.flying.shift();
    const [next] = via.flying;
    if (!flight || this.#over) return;
    via.waiting -= flight.bytes;
    if (next) this.#await(via, next);
    flight.land();
    this.#regulate(via);
  }

  #arrive(via: Lane, piece: WsPiece, passage: Exclude<Passage, { kind: 'held' }>): void {
    if (passage.kind === 'breaks' && piece.isData) {
      via.sink.write(piece.bytes.subarray(0, piece.headerBytes + passage.afterBytes), () => this.reset());
      return;
    }
    const write = (bytes: Buffer) => via.sink.write(bytes, () => this.#regulate(via));
    if (passage.kind === 'breaks' || !piece.isData) write(piece.bytes);
    else for (let copy = 0; copy < passage.copies; copy++) write(flipped(piece, passage.flip));
    if (piece.isData) this.#options.arrived(this, via.direction, ++via.passed);
  }

  /** The sender of a lane went, and the news has arrived. */
  #gone({ sink }: Lane): void {
    this.#end();
    sink.end();
    sink.destroySoon();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const one of [this.#up, this.#down]) {
      if (one.timer !== undefined) this.#options.clock.clearTimeout(one.timer);
      one.timer = undefined;
      one.flying = [];
      one.held = [];
    }
    this.#options.ended(this);
  }
}

function lane(direction: Direction, random: SeededRandom, source: Socket, sink: Socket): Lane {
  return {
    direction,
    source,
    sink,
    random: random.fork(direction),
    frames: new WsFrameReader(),
    reading: { stage: 'head', bytes: Buffer.alloc(0) },
    link: freshLink,
    held: [],
    flying: [],
    timer: undefined,
    waiting: 0,
    sent: 0,
    passed: 0,
  };
}

/** Bytes that are no frame and pass as they are. */
function wholePiece(bytes: Buffer): WsPiece {
  return { bytes, headerBytes: bytes.length, isData: false };
}

/** News weighs nothing. */
function bytesOf(cargo: Cargo): number {
  return cargo === 'end' ? 0 : cargo.bytes.length;
}

function flipped({ bytes, headerBytes }: WsPiece, flip: Flip | undefined): Buffer {
  if (flip === undefined || bytes.length === headerBytes) return bytes;
  const copy = Buffer.from(bytes);
  turnOver(copy.subarray(headerBytes), flip);
  return copy;
}
