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
 * A turn ends no sooner after the last one than that took to write, at most 10 ms: under load fewer, larger writes,
 * and no wait for whoever speaks into a silence.
 */
export class Turn {
  readonly #clock: Clock;
  readonly #endOfTurn: EndOfTurn;
  #work: Work | undefined;
  /** Until that moment of the clock what is said is gathered; less than a millisecond is not worth a timer. */
  #restUntil = 0;

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
    const restMs = this.#restUntil - this.#clock.monotonic();
    if (restMs < 1) this.#endOfTurn(run);
    else this.#clock.setTimeout(run, restMs);
  }

  #run(): void {
    const work = this.#work;
    if (!work) return;
    const start = this.#clock.monotonic();
    // Rooms make work for connections, so the work is only over after both.
    for (const room of work.rooms) room.flush();
    this.#work = undefined;
    for (const connection of work.connections) connection.flush();
    const end = this.#clock.monotonic();
    this.#restUntil = end + Math.min(end - start, BOUNDS.turnMs);
  }
}
