import type { EventData, ReplyData, RequestData } from '@goconnect/protocol/validators';
import { type Asked, type Gap, type RoomLog, type RoomLogEvent, stepRoomLog } from '../session/room-log.js';

type Positions = RequestData<'session.resume'>['positions'];

export interface RoomLogPorts<T> {
  deliver(item: T): void;
  onGap(gap: Gap): void;
  /** Asks the server for what is missing. */
  resume(positions: Positions): Promise<ReplyData<'session.resume'>>;
}

/** Rooms whose place is known; as many as one resume may ask for. The one known longest makes room. */
const ROOMS_MAX = 10_000;
/** No log has it: the answer names the one that there is. */
const NO_EPOCH = '?';
/** Entries held back in all rooms together. */
const HELD_MAX = 10_000;

/** The logs of all rooms. Rooms that fall behind at one moment are asked for in one message. */
export class RoomLogs<T> {
  readonly #ports: RoomLogPorts<T>;
  readonly #logs = new Map<string, RoomLog<T>>();
  readonly #behind = new Set<string>();
  /** The question whose answer is awaited. None about a room that was left, or that was asked about on an earlier connection. */
  readonly #open = new Map<string, object>();
  /** Asked about a second time, because nobody answered the first. */
  readonly #twice = new Set<string>();
  #held = 0;
  #asking: Promise<void> | undefined;

  constructor(ports: RoomLogPorts<T>) {
    this.#ports = ports;
  }

  /**
   * A new connection is in use: compares with its welcome and asks for what is missing, also where another was asked before. Rooms that the welcome does not name are asked about too, unless
   * they will be joined again anyway. Resolves when the answer is in; undefined when there is nothing to ask.
   */
  welcomed(
    rooms: EventData<'session.welcome'>['rooms'],
    rejoined: (room: string) => boolean,
  ): Promise<void> | undefined {
    // A move keeps the old connection for a while; what is unanswered there is asked anew here.
    this.cut();
    const known = new Set(this.#logs.keys());
    for (const one of rooms) {
      known.delete(one.room);
      this.take(one.room, ['announced', one.epoch, one.seq]);
    }
    for (const room of known) if (!rejoined(room)) this.#askFor(room);
    return this.#asking;
  }

  /** What happened to a room's log. */
  take(room: string, event: RoomLogEvent<T>): void {
    const before = this.#logs.get(room);
    const [log, ...effects] = stepRoomLog(before, event);
    this.#held += (log?.held.length ?? 0) - (before?.held.length ?? 0);
    if (log) this.#logs.set(room, log);
    else this.#logs.delete(room);
    for (const effect of effects) {
      if (effect[0] === 'deliver') this.#ports.deliver(effect[1]);
      else if (effect[0] === 'gap') this.#ports.onGap({ room, ...effect[1] });
      else this.#askFor(room);
    }
    if (this.#held > HELD_MAX) this.take(room, ['given_up', 'overflow']);
    const [oldest] = this.#logs;
    if (oldest && this.#logs.size > ROOMS_MAX) {
      const [name, { seq, held }] = oldest;
      const from = seq + 1;
      this.left(name);
      this.#ports.onGap({ room: name, from, to: held.at(-1)?.seq ?? from, reason: 'overflow' });
    }
  }

  has(room: string): boolean {
    return this.#logs.has(room);
  }

  left(room: string): void {
    this.#held -= this.#logs.get(room)?.held.length ?? 0;
    this.#logs.delete(room);
    this.#unasked(room);
  }

  /** The server will not have us there again. */
  denied(room: string): void {
    this.#unasked(room);
    this.take(room, ['resumed', undefined, { status: 'denied' }]);
  }

  /** The next connection asks anew for all that is missing. */
  cut(): void {
    this.#behind.clear();
    this.#open.clear();
    this.#twice.clear();
    for (const room of this.#logs.keys()) this.take(room, ['cut']);
  }

  /** Nothing that was asked about the room counts any more. */
  #unasked(room: string): void {
    this.#open.delete(room);
    this.#twice.delete(room);
  }

  #askFor(room: string): void {
    this.#behind.add(room);
    this.#asking ??= Promise.resolve().then(() => this.#ask());
  }

  async #ask(): Promise<void> {
    const positions = [...this.#behind].flatMap((room) => {
      const log = this.#logs.get(room);
      return log ? [{ room, epoch: log.epoch ?? NO_EPOCH, seq: log.seq }] : [];
    });
    this.#behind.clear();
    this.#asking = undefined;
    if (positions.length === 0) return;
    const asked = new Map<string, Asked>(positions.map((position) => [position.room, position]));
    for (const room of asked.keys()) this.#open.set(room, asked);
    const answered = (room: string, event: RoomLogEvent<T>): void => {
      if (this.#open.get(room) !== asked) return;
      this.#unasked(room);
      this.take(room, event);
    };
    try {
      const { rooms } = await this.#ports.resume(positions);
      for (const one of rooms) answered(one.room, ['resumed', asked.get(one.room), one]);
    } catch {
      // The device may have slept, and the line be dead: then the next one is asked. If it is not, this one is, once more.
      for (const room of asked.keys()) {
        if (this.#open.get(room) !== asked || this.#twice.has(room)) continue;
        this.#open.delete(room);
        this.#twice.add(room);
        this.#askFor(room);
      }
    }
    // Also a room that the answer leaves out waits for nothing any more.
    for (const room of asked.keys()) answered(room, ['given_up', 'unrecovered']);
  }
}
