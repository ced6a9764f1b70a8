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
  #missing = new Map<Connection, ReadonlySet<string>>();

  constructor(deps: StandingCheckDeps) {
    this.#deps = deps;
  }

  async look({ signal, breathe }: Look): Promise<void> {
    const missing = new Map<Connection, ReadonlySet<string>>();
    for (const [index, user] of this.#due().entries()) {
      if (index > 0 && index % BOUNDS.checkUsers === 0) await breathe();
      if (signal.aborted) return;
      const networks = await this.#networksOf(user, signal);
      if (signal.aborted) return;
      for (const connection of [...user.open]) {
        const before = this.#missing.get(connection);
        const rooms = missingOf(user, connection, networks);
        if (rooms.some((room) => before?.has(room))) connection.close('internal_error');
        else if (rooms.length > 0) missing.set(connection, new Set(rooms));
      }
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
    const doubted = all.filter(
      (user) => !next.includes(user) && [...user.open].some((one) => this.#missing.has(one)),
    );
    return [...doubted, ...next];
  }

  async #networksOf(user: UserHere, signal: AbortSignal): Promise<readonly string[]> {
    const { operations } = this.#deps;
    for (const connection of [...user.open]) {
      const live = await isLive(operations.sessions, connection);
      if (!live && !signal.aborted) connection.close('token_expired');
    }
    const [connection] = user.open;
    if (!connection) return [];
    const rooms = await operations.rooms.roomsOf(connection.actor);
    return rooms.map(({ room }) => room).filter(isNetwork);
  }
}

/** Where its user is a member and the connection was never brought. */
function missingOf(user: UserHere, connection: Connection, networks: readonly string[]): readonly string[] {
  const known = new Set([...connection.left, ...[...connection.rooms].map(({ name }) => name)]);
  return networks.filter((room) => !user.rooms.has(room) || !known.has(room));
}

function isNetwork(room: string): boolean {
  return parseRoom(room)?.kind === 'network';
}
