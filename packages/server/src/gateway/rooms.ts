import type { Clock, TimerHandle } from '@goconnect/protocol';
import type { LogEntry, RoomPosition } from '../domain/entities.js';
import type { RoomOperations } from '../operations/operations.js';
import type { Logger } from '../ports/logger.js';
import type { GatewayMetrics } from '../ports/metrics.js';
import { BOUNDS } from './bounds.js';
import type { Connection } from './connection.js';
import { type Parked, Room } from './room.js';
import { type RoomOrderEffect, type RoomOrderEvent, stepRoomOrder } from './room-order.js';
import type { Turn } from './turn.js';

export interface RoomsDeps {
  readonly operations: Pick<RoomOperations, 'entriesAfter'>;
  readonly clock: Clock;
  readonly turn: Turn;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** An entry is next in its room's order. Whoever is told passes it on to the room. */
  readonly onEntry: (room: Room, entry: LogEntry) => void;
  /** An entry came from before the place where this node began with its room: it will not be passed on. */
  readonly onLate: (room: Room, entry: LogEntry) => void;
}

/** The rooms of this node. Those nobody is in are kept for a while: somebody may come back and resume (B3.4). */
export class Rooms {
  readonly #deps: RoomsDeps;
  readonly #active = new Map<string, Room>();
  /** The room that was heard of last is last. */
  readonly #idle = new Map<string, Room>();
  readonly #rereads = new Map<Room, TimerHandle>();
  #hotBytes = 0;
  #forgotten = 0;

  constructor(deps: RoomsDeps) {
    this.#deps = deps;
  }

  get(name: string): Room | undefined {
    return this.#active.get(name) ?? this.#idle.get(name);
  }

  /** Names of the rooms somebody is in. */
  get activeNames(): readonly string[] {
    return [...this.#active.keys()];
  }

  /** How many there are of them. */
  get activeCount(): number {
    return this.#active.size;
  }

  /** Grows when a room is forgotten: what was heard of it since some moment is then not known here any more. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Puts a connection into a room at `position`; one that is in it already stays where it is. It hears nothing yet. */
  enter(connection: Connection, position: RoomPosition): { readonly room: Room; readonly parked: Parked } {
    const room = this.#known(position);
    const before = room.parked(connection);
    const parked = before ?? room.park(connection, 'held', room.has(connection) ? undefined : position.seq);
    connection.rooms.add(room);
    connection.left.delete(room.name);
    this.#file(room);
    return { room, parked };
  }

  /**
   * Somebody read this place before somebody else brought the room here from beyond it. What lies between is passed on to
   * nobody, and may say that the one is removed: nobody enters there, but reads again.
   */
  isBehind({ room: name, epoch, seq }: RoomPosition): boolean {
    const room = this.get(name);
    return room !== undefined && room.order.epoch === epoch && seq < room.beganAt;
  }

  leave(connection: Connection, room: Room): void {
    room.leave(connection);
    connection.rooms.delete(room);
    this.#file(room);
  }

  leaveAll(connection: Connection): void {
    for (const room of connection.rooms) this.leave(connection, room);
  }

  /** An entry came over the bus. What is too much for one turn is not kept here: the log has it. */
  hear(entry: LogEntry): void {
    const room = this.#known({ room: entry.room, epoch: entry.epoch, seq: entry.seq - 1 });
    if (entry.epoch === room.order.epoch && entry.seq <= room.beganAt) {
      this.#deps.onLate(room, entry);
      return;
    }
    if (room.unsent < BOUNDS.turnEntries) this.#step(room, { type: 'heard', entry });
    else this.#step(room, { type: 'stands', place: entry });
  }

  /** The log said where a room stands. Nobody misses anything of one that nobody is in. */
  stands({ room: name, epoch, seq }: RoomPosition): void {
    const room = this.#active.get(name);
    if (room) this.#step(room, { type: 'stands', place: { epoch, seq } });
  }

  stop(): void {
    for (const timer of this.#rereads.values()) this.#deps.clock.clearTimeout(timer);
    this.#rereads.clear();
  }

  #known(position: RoomPosition): Room {
    const known = this.get(position.room);
    if (known) return known;
    const room = new Room(position.room, position, this.#deps);
    this.#idle.set(room.name, room);
    return room;
  }

  #step(room: Room, event: RoomOrderEvent<LogEntry>): void {
    const before = room.order.status;
    const { order, effects } = stepRoomOrder(room.order, event, BOUNDS.rereads);
    room.order = order;
    const bytes = room.window.bytes;
    for (const [index, effect] of effects.entries()) {
      switch (effect.type) {
        case 'pass_on':
          this.#deps.onEntry(room, effect.entry);
          break;
        case 'read':
          if (before.type === 'flowing' && room.unsent < BOUNDS.turnEntries)
            this.#deps.metrics.noted({ kind: 'hole' });
          this.#readLater(room, effect.after, effect.later ? BOUNDS.rereadMs : 0);
          break;
        case 'lost':
          this.#lose(room, nextPassed(effects.slice(index)) ?? order.seq + 1);
          break;
      }
    }
    this.#hotBytes += room.window.bytes - bytes;
    this.#file(room);
    this.#forgetSome();
  }

  #readLater(room: Room, after: number, delayMs: number): void {
    const { clock } = this.#deps;
    const read = () => {
      this.#rereads.delete(room);
      // The page before this one leaves first, or one turn would hand out both.
      if (room.unsent > 0) this.#readLater(room, after, BOUNDS.turnMs);
      else void this.#read(room, after);
    };
    this.#rereads.set(room, clock.setTimeout(read, delayMs));
  }

  async #read(room: Room, after: number): Promise<void> {
    try {
      const { entries, oldest } = await this.#deps.operations.entriesAfter(
        room.name,
        after,
        BOUNDS.rereadEntries,
      );
      this.#step(room, { type: 'read', entries, oldest });
    } catch (error) {
      this.#deps.logger.warn({ room: room.name, after, err: error }, 'missing entries could not be read');
      this.#step(room, { type: 'read_failed' });
    }
  }

  /** Those in the room come back and are told by their resume what is lost; it goes on with the entry `next`. */
  #lose(room: Room, next: number): void {
    this.#deps.metrics.noted({ kind: 'entries_lost' });
    this.#deps.logger.error(
      { room: room.name, seq: room.order.seq },
      'entries of a room are lost to this node',
    );
    room.seq = next - 1;
    room.beganAt = next - 1;
    room.window.clear();
    for (const listener of room.listeners()) listener.close('internal_error');
  }

  #file(room: Room): void {
    const [to, from] = room.empty ? [this.#idle, this.#active] : [this.#active, this.#idle];
    from.delete(room.name);
    to.delete(room.name);
    to.set(room.name, room);
    this.#deps.metrics.rooms(this.#active.size);
  }

  #forgetSome(): void {
    for (const room of this.#idle.values()) {
      if (this.#idle.size <= BOUNDS.idleRooms && this.#hotBytes <= BOUNDS.hotBytes) return;
      this.#hotBytes -= room.window.bytes;
      this.#idle.delete(room.name);
      this.#forgotten++;
    }
    for (const room of this.#active.values()) {
      if (this.#hotBytes <= BOUNDS.hotBytes) return;
      this.#hotBytes -= room.window.bytes;
      room.window.clear();
    }
  }
}

function nextPassed(effects: readonly RoomOrderEffect<LogEntry>[]): number | undefined {
  const next = effects.find((effect) => effect.type === 'pass_on');
  return next?.entry.seq;
}
