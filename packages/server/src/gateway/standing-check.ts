import { parseRoom } from '@goconnect/protocol';
import type { RoomOperations, SessionOperations } from '../operations/operations.js';
import { BOUNDS } from './bounds.js';
import type { Connection } from './connection.js';
import { isLive } from './entrance.js';
import type { Check, Look } from './log-checks.js';
import type { UserHere, Users } from './users.js';

export interface StandingCheckDeps {
  readonly users: Users;
  readonly operations: {
    readonly rooms: Pick<RoomOperations, 'roomsOf'>;
    readonly sessions: Pick<SessionOperations, 'isLive'>;
  };
}

/**
 * Looks up, a share of the users at a time, whether they still are what this node takes them for. Two hints show
 * nowhere else when the bus lost them: that somebody joined a room of which nobody is here, and that a login was
 * revoked. Whoever stands otherwise is closed and finds everything as it is on coming back.
 */
export class StandingCheck implements Check {
  readonly #deps: StandingCheckDeps;
  /** Whose turn it was already in this round. */
  #seen = new WeakSet<UserHere>();
  /** Rooms that were missing at the last look: one that still is was not on its way. */
  #missing = new Map<UserHere, ReadonlySet<string>>();

  constructor(deps: StandingCheckDeps) {
    this.#deps = deps;
  }

  async look({ signal, breathe }: Look): Promise<void> {
    const missing = new Map<UserHere, ReadonlySet<string>>();
    for (const [index, user] of this.#due().entries()) {
      if (index > 0 && index % BOUNDS.checkUsers === 0) await breathe();
      if (signal.aborted) return;
      const before = this.#missing.get(user);
      const rooms = await this.#missingOf(user, signal);
      if (signal.aborted) return;
      if ([...rooms].some((room) => before?.has(room))) closeAll(user, 'internal_error');
      else if (rooms.size > 0) missing.set(user, rooms);
    }
    this.#missing = missing;
  }

  /** Those in doubt, and the next share of all others. */
  #due(): readonly UserHere[] {
    const all = this.#deps.users.all();
    if (all.every((user) => this.#seen.has(user))) this.#seen = new WeakSet();
    const share = Math.ceil(all.length / BOUNDS.checkRounds);
    const next = all.filter((user) => !this.#seen.has(user)).slice(0, share);
    for (const user of next) this.#seen.add(user);
    const doubted = all.filter((user) => this.#missing.has(user) && !next.includes(user));
    return [...doubted, ...next];
  }

  async #missingOf(user: UserHere, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { operations } = this.#deps;
    for (const connection of [...user.open]) {
      const live = await isLive(operations.sessions, connection);
      if (!live && !signal.aborted) connection.close('token_expired');
    }
    const [connection] = user.open;
    if (!connection) return new Set();
    const rooms = await operations.rooms.roomsOf(connection.actor);
    return new Set(rooms.map(({ room }) => room).filter((room) => isNetwork(room) && !user.rooms.has(room)));
  }
}

function closeAll(user: UserHere, name: Parameters<Connection['close']>[0]): void {
  for (const connection of [...user.open]) connection.close(name);
}

function isNetwork(room: string): boolean {
  return parseRoom(room)?.kind === 'network';
}
