import type { Clock } from '@goconnect/protocol';
import type { EndOfTurn } from '../ports/end-of-turn.js';
import { BOUNDS } from './bounds.js';

/** Something with output that leaves when the turn ends. */
export interface Flushable {
  flush(): void;
}

interface Work {
  readonly rooms: Set<Flushable>;
  readonly connections: Flushable[];
}

/**
 * Gathers what is said within one turn of the event loop, so that each socket is written to once. Rooms go first:
 * they hand one shared buffer to their connections, behind what those were told privately.
 * A turn stretches to as long as the last one took to write, at most 10 ms: under load fewer, larger writes.
 */
export class Turn {
  readonly #clock: Clock;
  readonly #endOfTurn: EndOfTurn;
  #work: Work | undefined;
  #lastTookMs = 0;

  constructor(clock: Clock, endOfTurn: EndOfTurn) {
    this.#clock = clock;
    this.#endOfTurn = endOfTurn;
  }

  room(room: Flushable): void {
    this.#current().rooms.add(room);
  }

  /** To be told once a turn by each. */
  connection(connection: Flushable): void {
    this.#current().connections.push(connection);
  }

  #current(): Work {
    if (!this.#work) {
      this.#work = { rooms: new Set(), connections: [] };
      this.#schedule();
    }
    return this.#work;
  }

  #schedule(): void {
    const run = () => this.#run();
    if (this.#lastTookMs < 1) this.#endOfTurn(run);
    else this.#clock.setTimeout(run, Math.min(this.#lastTookMs, BOUNDS.turnMs));
  }

  #run(): void {
    const work = this.#work;
    if (!work) return;
    const start = this.#clock.monotonic();
    // Rooms make work for connections, so the work is only over after both.
    for (const room of work.rooms) room.flush();
    this.#work = undefined;
    for (const connection of work.connections) connection.flush();
    this.#lastTookMs = this.#clock.monotonic() - start;
  }
}
