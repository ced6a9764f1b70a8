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
 * and no wait for whoever speaks into a silence. Writing to thousands is done in pieces of 10 ms, between which the loop goes
 * round (A1.6).
 */
export class Turn {
  readonly #clock: Clock;
  readonly #endOfTurn: EndOfTurn;
  #work: Work | undefined;
  #status: 'gathering' | 'writing' = 'gathering';
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
      if (this.#status === 'gathering') this.#schedule();
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
    this.#status = 'writing';
    const start = this.#clock.monotonic();
    // Rooms make work for connections, so the work is only over after both.
    for (const room of work.rooms) room.flush();
    this.#work = undefined;
    this.#write(work.connections.values(), start);
  }

  #write(connections: IterableIterator<Flushable>, start: number): void {
    const began = this.#clock.monotonic();
    for (const connection of connections) {
      connection.flush();
      if (this.#clock.monotonic() - began < BOUNDS.turnMs) continue;
      this.#endOfTurn(() => this.#write(connections, start));
      return;
    }
    const end = this.#clock.monotonic();
    this.#restUntil = end + Math.min(end - start, BOUNDS.turnMs);
    this.#status = 'gathering';
    if (this.#work) this.#schedule();
  }
}
