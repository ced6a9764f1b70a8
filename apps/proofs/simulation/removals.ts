import type { BusHub } from './bus-hub.js';
import type { Database } from './database.js';
import type { ServerSide } from './server-transport.js';
import type { World } from './world.js';

/** What promise 8 grants a node that hears of it. */
const TOLD_MS = 1_000;
/** How often a node asks the log (design, "Bus"): so long a lost hint may go unnoticed. */
const CHECK_MS = 10_000;
/** A connection's first word is awaited for a moment, and timers are rounded. */
const SLACK_MS = 500;

export interface RemovalsDeps {
  readonly name: string;
  readonly database: Database;
  readonly bus: BusHub['kind'];
  readonly wokeAt: () => number;
}

/** What a connection was told of itself. */
interface Standing {
  userId: string;
  /** Rooms in which it was told to be, and since when. */
  readonly rooms: Map<string, number>;
  /** When it last had not taken what was sent before. */
  stuckAt: number;
}

interface Envelope {
  readonly type?: string;
  readonly room?: string;
  readonly data?: {
    readonly user_id?: string;
    readonly room?: string;
    readonly status?: string;
    readonly rooms?: readonly { readonly room: string; readonly status?: string }[];
  };
}

const TELLING = /^\{"type":"(session\.welcome|member\.(joined|left))"|"status":"(joined|left|denied)"/;

/**
 * Listens to what one node tells its connections, and holds it against promise 8: whoever was removed from a room by
 * whatever node is told so within a bound. That nobody gets anything said after a removal has no bound, and is held
 * where it arrives.
 *
 * The bound is a second from the moment in which the node hears of it; where the bus is as it should be, from the
 * commit. If the hint was lost, the position check finds it, ten seconds after the last one. On top comes the time in
 * which the database made everybody wait.
 */
export class Removals {
  readonly #world: World;
  readonly #deps: RemovalsDeps;
  readonly #standings = new Map<number, Standing>();
  /** When this node first heard of an entry, over the bus, by room. */
  readonly #heard = new Map<string, { readonly seq: number; readonly at: number }[]>();

  constructor(world: World, deps: RemovalsDeps) {
    this.#world = world;
    this.#deps = deps;
  }

  /** A hint arrived. */
  heard({ room, seq }: { readonly room: string; readonly seq: number }): void {
    const heard = this.#heard.get(room) ?? [];
    this.#heard.set(room, heard);
    if (seq > (heard.at(-1)?.seq ?? 0)) heard.push({ seq, at: this.#world.clock.monotonic() });
  }

  said(text: string, connection: number): void {
    if (!TELLING.test(text)) return;
    const { type, room, data } = JSON.parse(text) as Envelope;
    const now = this.#world.clock.monotonic();
    if (type === 'session.welcome') {
      const rooms = new Map(data?.rooms?.map((one) => [one.room, now]));
      this.#standings.set(connection, { userId: data?.user_id ?? '', rooms, stuckAt: 0 });
      return;
    }
    const standing = this.#standings.get(connection);
    // The answer to a resume tells of it as well.
    for (const one of data?.rooms ?? []) if (one.status === 'denied') standing?.rooms.delete(one.room);
    if (type === 'ack' && data?.room !== undefined)
      this.#stands(standing, data.room, data.status === 'joined');
    else if (room !== undefined && data?.user_id === standing?.userId)
      this.#stands(standing, room, type === 'member.joined');
  }

  inspect(connections: ReadonlyMap<number, ServerSide>): void {
    for (const [number, standing] of this.#standings) {
      const side = connections.get(number);
      if (!side || side.closingSince !== undefined) this.#standings.delete(number);
      else this.#inspectOne(side, standing);
    }
  }

  #stands(standing: Standing | undefined, room: string, isIn: boolean): void {
    if (isIn) standing?.rooms.set(room, this.#world.clock.monotonic());
    else standing?.rooms.delete(room);
  }

  #inspectOne({ endpoint }: ServerSide, standing: Standing): void {
    const { ledger, clock } = this.#world;
    const { name, database, wokeAt } = this.#deps;
    const now = clock.monotonic();
    // Who does not take what was sent is told when they do, or cut off (A6.3, A6.4).
    if (endpoint.bufferedAmount > 0) standing.stuckAt = now;
    for (const [room, since] of standing.rooms) {
      const removed = ledger.removedAt(room, standing.userId);
      if (removed === undefined) continue;
      // From here on nothing but the bus and the log stood between the removal and this connection.
      const from = Math.max(removed.at, since, standing.stuckAt, wokeAt());
      if (now <= this.#due(room, removed, from) + SLACK_MS + database.busySince(from)) continue;
      this.#world.fault(
        `promise 8: the ${name} has not told ${standing.userId} of the removal from ${room} for ${now - from} ms`,
      );
      standing.rooms.delete(room);
    }
  }

  /** Until when it must have been told. */
  #due(room: string, removed: { readonly seq: number; readonly at: number }, from: number): number {
    const { bus } = this.#deps;
    const heard = this.#heard.get(room)?.find(({ seq }) => seq >= removed.seq)?.at;
    if (heard !== undefined) return Math.max(heard, from) + TOLD_MS;
    // A node that dies with the commit, or does not know of it yet, tells nobody, however good the bus is.
    const isTold = bus === 'whole' && !this.#world.untold.has(removed.at);
    return from + (isTold ? TOLD_MS : CHECK_MS);
  }
}
