import { CLOSE_CODES, type Clock, type TimerHandle } from '@goconnect/protocol';
import type { Actor } from '../domain/entities.js';
import type { PresenceBook } from '../handlers/handler.js';
import type { RosterUser } from '../ports/bus.js';
import type { UserPresence } from '../ports/gateway.js';
import { BOUNDS } from './bounds.js';
import type { Connection } from './connection.js';
import type { Elsewhere } from './elsewhere.js';
import { type PresenceEvent, type PresenceState, stepPresence } from './presence-state.js';
import type { PresenceUpdate } from './presence-update.js';
import { Removals } from './removals.js';
import { userKey } from './user-key.js';

/** A user with a connection, or with presence left from the last one. */
export interface UserHere {
  readonly id: string;
  readonly tenantId: string;
  readonly connections: Set<Connection>;
  /** Those of them which others know of. */
  readonly open: Set<Connection>;
  /** Rooms where others are told of the user's presence; follows membership, not what single connections hear. */
  readonly rooms: Set<string>;
  readonly removed: Removals;
  presence: PresenceState;
  grace: TimerHandle;
}

export interface UsersDeps {
  readonly clock: Clock;
  /** Users of other nodes. */
  readonly elsewhere: Elsewhere;
  /** Tells those who are on this node; other nodes tell theirs. */
  readonly tell: (update: PresenceUpdate) => void;
  /** Something of what other nodes know of a user is another now. */
  readonly changed: (actor: Actor) => void;
}

/** Who is here, with which connections, and what others were told of it (A4.1). */
export class Users implements PresenceBook {
  readonly #here = new Map<string, UserHere>();
  /** Since when users who are not here are offline, oldest first; a memory, not the truth. */
  readonly #lastSeen = new Map<string, number>();
  readonly #startedAt: number;
  readonly #deps: UsersDeps;
  #latestStamp = 0;

  constructor(deps: UsersDeps) {
    this.#deps = deps;
    this.#startedAt = deps.clock.now();
  }

  /** For a connection that comes now: larger than that of any that was heard of, on whatever node. */
  stamp(): number {
    const { clock, elsewhere } = this.#deps;
    this.#latestStamp = Math.max(clock.now(), this.#latestStamp + 1, elsewhere.latestStamp + 1);
    return this.#latestStamp;
  }

  get(actor: Actor): UserHere | undefined {
    return this.#here.get(userKey(actor));
  }

  /** Everyone who has this id, whatever their tenant. */
  withId(userId: string): readonly UserHere[] {
    return this.all().filter(({ id }) => id === userId);
  }

  all(): readonly UserHere[] {
    return [...this.#here.values()];
  }

  /** The connection exists, though it may not be open yet. */
  add(connection: Connection): void {
    const { userId, tenantId } = connection.actor;
    const key = userKey(connection.actor);
    const user = this.#here.get(key) ?? {
      id: userId,
      tenantId,
      connections: new Set(),
      open: new Set(),
      rooms: new Set(),
      removed: new Removals(),
      presence: { status: 'offline', since: this.#lastSeen.get(key) ?? this.#startedAt },
      grace: undefined,
    };
    user.connections.add(connection);
    this.#here.set(key, user);
    this.#deps.changed(connection.actor);
  }

  /** The connection is open: the user is online where `rooms` say. */
  opened(connection: Connection, rooms: readonly string[]): void {
    const user = this.get(connection.actor);
    if (!user) return;
    for (const room of rooms) user.rooms.add(room);
    user.open.add(connection);
    this.#step(user, { type: 'opened', ...this.#circumstances(user) });
  }

  /** The user is a member of a room from now on, or no longer. */
  member(user: UserHere, room: string, is: 'in' | 'out'): void {
    if (is === 'in') user.rooms.add(room);
    else user.rooms.delete(room);
    this.#deps.changed(actorOf(user));
  }

  /** The connection ended; with 1000 its user left on purpose. */
  remove(connection: Connection, code: number): void {
    const user = this.get(connection.actor);
    if (!user?.connections.delete(connection)) return;
    // What another node has, be it not open yet, is the next connection of somebody who moves.
    const clean =
      code === CLOSE_CODES.normal && this.#deps.elsewhere.connections(connection.actor).length === 0;
    if (!user.open.delete(connection)) this.#deps.changed(connection.actor);
    else this.#step(user, { type: 'closed', clean, ...this.#circumstances(user) });
    this.#forget(user);
  }

  of(tenantId: string, userIds: readonly string[]): readonly UserPresence[] {
    return userIds.map((userId) => this.#presenceOf({ tenantId, userId }));
  }

  #presenceOf(actor: Actor): UserPresence {
    const { userId } = actor;
    const presence = this.get(actor)?.presence;
    if (presence && presence.status !== 'offline') return { userId, status: 'online', since: presence.since };
    const elsewhere = this.#deps.elsewhere.since(actor);
    if (elsewhere !== undefined) return { userId, status: 'online', since: elsewhere };
    const since = presence?.since ?? this.#lastSeen.get(userKey(actor)) ?? this.#startedAt;
    return { userId, status: 'offline', since };
  }

  online(
    tenantId: string,
    limit: number,
  ): { readonly users: readonly UserPresence[]; readonly total: number } {
    const users: UserPresence[] = [];
    let total = 0;
    const count = (userId: string, since: number) => {
      total++;
      if (users.length < limit) users.push({ userId, status: 'online', since });
    };
    for (const user of this.#here.values())
      if (user.tenantId === tenantId && isOnline(user)) count(user.id, user.presence.since);
    for (const { userId, since } of this.#deps.elsewhere.online(tenantId))
      if (!this.isHere({ tenantId, userId })) count(userId, since);
    return { users, total };
  }

  /** Whether this node has the user online, or in the grace after it. */
  isHere(actor: Actor): boolean {
    const user = this.get(actor);
    return user !== undefined && isOnline(user);
  }

  /** What this node has, for others. */
  *roster(): Iterable<RosterUser> {
    for (const user of this.#here.values()) yield asRosterUser(user);
  }

  rosterOf(actor: Actor): RosterUser {
    const user = this.get(actor);
    if (user) return asRosterUser(user);
    const { userId, tenantId } = actor;
    const since = this.#lastSeen.get(userKey(actor)) ?? this.#startedAt;
    return { userId, tenantId, connections: [], presence: 'gone', since, rooms: [] };
  }

  /** Another node had the user last. */
  noteLastSeen(actor: Actor, at: number): void {
    const key = userKey(actor);
    this.#lastSeen.delete(key);
    this.#lastSeen.set(key, at);
    for (const [oldest] of this.#lastSeen) {
      if (this.#lastSeen.size <= BOUNDS.presenceMemory) break;
      this.#lastSeen.delete(oldest);
    }
  }

  /** Ends every timer; nobody is told anything any more. */
  stop(): void {
    for (const user of this.#here.values()) this.#deps.clock.clearTimeout(user.grace);
    this.#here.clear();
  }

  #circumstances({ id, tenantId }: UserHere): Pick<PresenceEvent, 'at' | 'elsewhere'> {
    const { clock, elsewhere } = this.#deps;
    const since = elsewhere.since({ userId: id, tenantId });
    return { at: clock.now(), elsewhere: since === undefined ? undefined : { since } };
  }

  #step(user: UserHere, event: PresenceEvent): void {
    const { state, effects } = stepPresence(user.presence, event);
    user.presence = state;
    for (const effect of effects) {
      switch (effect.type) {
        case 'announce':
          this.#deps.tell({ ...effect, userId: user.id, rooms: [...user.rooms] });
          break;
        case 'start_grace':
          user.grace = this.#deps.clock.setTimeout(() => this.#graceOver(user), BOUNDS.presenceGraceMs);
          break;
        case 'cancel_grace':
          this.#deps.clock.clearTimeout(user.grace);
          break;
      }
    }
    this.#deps.changed(actorOf(user));
  }

  #graceOver(user: UserHere): void {
    this.#step(user, { type: 'grace_over', ...this.#circumstances(user) });
    this.#forget(user);
  }

  #forget(user: UserHere): void {
    if (user.connections.size > 0 || isOnline(user)) return;
    this.#here.delete(userKey(actorOf(user)));
    this.noteLastSeen(actorOf(user), user.presence.since);
  }
}

function isOnline({ presence }: UserHere): boolean {
  return presence.status !== 'offline';
}

function actorOf({ id, tenantId }: UserHere): Actor {
  return { userId: id, tenantId };
}

function asRosterUser(user: UserHere): RosterUser {
  const connections = [...user.connections].map(({ id, clientId, stamp }) => ({
    id,
    stamp,
    ...(clientId !== undefined && { clientId }),
  }));
  const presence = isOnline(user) ? 'here' : 'gone';
  return { ...actorOf(user), connections, presence, since: user.presence.since, rooms: [...user.rooms] };
}
