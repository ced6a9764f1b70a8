import type { CloseName } from '@goconnect/protocol';
import type { LogEntry, RoomPosition } from '../domain/entities.js';
import type { Dialect } from '../ports/gateway.js';
import type { GatewayMetrics } from '../ports/metrics.js';
import { HotWindow } from './hot-window.js';
import type { OutgoingEvent } from './outgoing-event.js';
import type { RoomOrder } from './room-order.js';
import type { Chunk } from './send-queue.js';
import type { Flushable, Turn } from './turn.js';

/** A connection, as a room sees it. */
export interface Listener {
  readonly dialect: Dialect;
  queue(chunk: Chunk): void;
  close(name: CloseName): void;
}

/**
 * A listener that does not simply follow the room. `after` is the last entry it has.
 *
 * - `ahead`: it has entries that this node has not heard yet; it follows as soon as the room is there.
 * - `held`: it gets nothing until somebody catches it up.
 * - `catching_up`: somebody does.
 */
export interface Parked {
  after: number;
  mode: 'ahead' | 'held' | 'catching_up';
  /** The entry with which its user was removed from the room: nothing after it is for this listener. */
  removedAt: number | undefined;
}

/** A room on this node: who hears it, where it stands, and what it said lately. */
export class Room implements Flushable {
  readonly window = new HotWindow();
  order: RoomOrder;
  /** The last entry passed on to those in the room. */
  seq: number;
  /** This node passed nothing on up to here: it began with the room there. */
  beganAt: number;
  readonly #live: Readonly<Record<Dialect, Set<Listener>>> = { base: new Set(), v1: new Set() };
  readonly #parked = new Map<Listener, Parked>();
  readonly #turn: Turn;
  readonly #metrics: GatewayMetrics;
  /** What was said in this turn, for those who follow … */
  #unsent: OutgoingEvent[] = [];
  /** … and for those who came meanwhile, from which of it on. */
  readonly #late = new Map<Listener, number>();

  constructor(
    readonly name: string,
    place: { readonly epoch: string; readonly seq: number },
    deps: { readonly turn: Turn; readonly metrics: GatewayMetrics },
  ) {
    this.order = { epoch: place.epoch, seq: place.seq, status: { type: 'flowing' } };
    this.seq = place.seq;
    this.beganAt = place.seq;
    this.#turn = deps.turn;
    this.#metrics = deps.metrics;
  }

  get empty(): boolean {
    return this.#live.base.size === 0 && this.#live.v1.size === 0 && this.#parked.size === 0;
  }

  has(listener: Listener): boolean {
    return this.#live[listener.dialect].has(listener) || this.#parked.has(listener);
  }

  parked(listener: Listener): Parked | undefined {
    return this.#parked.get(listener);
  }

  /** Events that wait for the end of the turn. */
  get unsent(): number {
    return this.#unsent.length;
  }

  listeners(): readonly Listener[] {
    return [...this.#live.base, ...this.#live.v1, ...this.#parked.keys()];
  }

  /** Stops a listener, new or not, at `after`, by default where it is. Entries wait in the log until it follows. */
  park(listener: Listener, mode: Parked['mode'], after?: number): Parked {
    const before = this.#parked.get(listener);
    this.#settle(listener);
    const parked: Parked = { after: after ?? before?.after ?? this.seq, mode, removedAt: before?.removedAt };
    this.#parked.set(listener, parked);
    return parked;
  }

  /** Lets a listener that has everything follow the room. */
  follow(listener: Listener): void {
    this.#settle(listener);
    if (this.#unsent.length > 0) this.#late.set(listener, this.#unsent.length);
    this.#live[listener.dialect].add(listener);
  }

  leave(listener: Listener): void {
    this.#settle(listener);
  }

  /** The next entry of the room's order, for those who follow. */
  pass(outgoing: OutgoingEvent<LogEntry>, now: number): void {
    this.seq = outgoing.event.seq;
    this.window.add(outgoing, now);
    this.#say(outgoing);
    for (const [listener, parked] of this.#parked) {
      if (parked.mode === 'ahead' && parked.after <= this.seq) this.follow(listener);
    }
  }

  /** Something without a place in the order, for everyone in the room. */
  say(outgoing: OutgoingEvent): void {
    this.#say(outgoing);
    this.#tell(this.#parked.keys(), outgoing);
  }

  /** The same for some of them. */
  sayTo(outgoing: OutgoingEvent, chosen: (listener: Listener) => boolean): void {
    this.#tell(this.listeners().filter(chosen), outgoing);
  }

  /** Hands what was said in this turn to those who follow, as one buffer for each dialect. */
  flush(): void {
    const events = this.#unsent;
    if (events.length === 0) return;
    this.#unsent = [];
    for (const [listener, from] of this.#late) this.#handTo(listener, events.slice(from));
    let heard = 0;
    for (const dialect of ['base', 'v1'] as const) heard += this.#handToAll(events, dialect);
    this.#late.clear();
    this.#count(events, heard);
  }

  /** Where a listener stands: what the answers to `room.join` and `session.resume` tell it (B3.2, B3.3). */
  position(listener: Listener): RoomPosition {
    return {
      room: this.name,
      epoch: this.order.epoch,
      seq: this.#parked.get(listener)?.after ?? this.#handed(listener),
    };
  }

  /** The last entry that a follower was given: what is said in this turn comes after all it is told in it. */
  #handed(listener: Listener): number {
    for (const { event } of this.#unsent.slice(this.#late.get(listener) ?? 0))
      if ('seq' in event) return event.seq - 1;
    return this.seq;
  }

  #say(outgoing: OutgoingEvent): void {
    if (this.#live.base.size === 0 && this.#live.v1.size === 0) return;
    if (this.#unsent.length === 0) this.#turn.room(this);
    this.#unsent.push(outgoing);
  }

  #tell(listeners: Iterable<Listener>, outgoing: OutgoingEvent): void {
    for (const listener of listeners) {
      listener.queue({ bytes: outgoing.frame(listener.dialect), messages: 1 });
      this.#metrics.sent(outgoing.event.type, 1);
    }
  }

  /** Everyone of a dialect but those who came late gets the same buffer. @returns how many they are */
  #handToAll(events: readonly OutgoingEvent[], dialect: Dialect): number {
    const listeners = this.#live[dialect];
    if (listeners.size === 0) return 0;
    const chunk = chunkOf(events, dialect);
    let heard = 0;
    for (const listener of listeners) {
      if (this.#late.has(listener)) continue;
      listener.queue(chunk);
      heard++;
    }
    return heard;
  }

  #handTo(listener: Listener, events: readonly OutgoingEvent[]): void {
    if (events.length === 0) return;
    listener.queue(chunkOf(events, listener.dialect));
    this.#count(events, 1);
  }

  #count(events: readonly OutgoingEvent[], heard: number): void {
    if (heard === 0) return;
    const types = new Map<string, number>();
    for (const { event } of events) types.set(event.type, (types.get(event.type) ?? 0) + heard);
    for (const [type, count] of types) this.#metrics.sent(type, count);
    this.#metrics.noted({ kind: 'fanned_out', events: events.length, listeners: heard });
  }

  /**
   * What was said so far is for those who were in the room so far. Only whoever leaves gets it now: if the others did, too,
   * a thousand who leave in one turn would make a thousand writes to each of them.
   */
  #settle(listener: Listener): void {
    const before = this.#late.get(listener) ?? 0;
    if (this.#live[listener.dialect].delete(listener)) this.#handTo(listener, this.#unsent.slice(before));
    this.#late.delete(listener);
    this.#parked.delete(listener);
  }
}

function chunkOf(events: readonly OutgoingEvent[], dialect: Dialect): Chunk {
  const frames = events.map((event) => event.frame(dialect));
  const bytes = frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
  return { bytes, messages: frames.length };
}
