import { CLOSE_CODES, type Clock, type TimerHandle } from '@goconnect/protocol';
import type { Actor, EventBody } from '../domain/entities.js';
import type { PresenceBook } from '../handlers/handler.js';
import type { Bus } from '../ports/bus.js';
import type { UserPresence } from '../ports/gateway.js';
import { BOUNDS } from './bounds.js';
import type { Connection } from './connection.js';
import { type PresenceEvent, type PresenceState, stepPresence } from './presence-state.js';
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

/** Who is here, with which connections, and what others were told of it (A4.1). */
export class Users implements PresenceBook {
  readonly #here = new Map<string, UserHere>();
  /** Since when users who are not here are offline, oldest first; a memory, not the truth. */
  readonly #lastSeen = new Map<string, number>();
  readonly #startedAt: number;
  readonly #clock: Clock;
  readonly #bus: Bus;

  constructor({ clock, bus }: { readonly clock: Clock; readonly bus: Bus }) {
    this.#clock = clock;
    this.#bus = bus;
    this.#startedAt = clock.now();
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
  }

  /** The connection is open: the user is online where `rooms` say. */
  opened(connection: Connection, rooms: readonly string[]): void {
    const user = this.get(connection.actor);
    if (!user) return;
    for (const room of rooms) user.rooms.add(room);
    user.open.add(connection);
    this.#step(user, { type: 'opened', at: this.#clock.now() });
  }

  /** The connection ended; with 1000 its user left on purpose. */
  remove(connection: Connection, code: number): void {
    const user = this.get(connection.actor);
    if (!user?.connections.delete(connection)) return;
    const clean = code === CLOSE_CODES.normal;
    if (user.open.delete(connection)) this.#step(user, { type: 'closed', at: this.#clock.now(), clean });
    this.#forget(user);
  }

  of(tenantId: string, userIds: readonly string[]): readonly UserPresence[] {
    return userIds.map((userId) => {
      const key = userKey({ tenantId, userId });
      const presence = this.#here.get(key)?.presence;
      if (!presence) return { userId, status: 'offline', since: this.#lastSeen.get(key) ?? this.#startedAt };
      return { userId, status: presence.status === 'offline' ? 'offline' : 'online', since: presence.since };
    });
  }

  online(
    tenantId: string,
    limit: number,
  ): { readonly users: readonly UserPresence[]; readonly total: number } {
    const users: UserPresence[] = [];
    let total = 0;
    for (const user of this.#here.values()) {
      if (user.tenantId !== tenantId || user.presence.status === 'offline') continue;
      total++;
      if (users.length < limit) users.push({ userId: user.id, status: 'online', since: user.presence.since });
    }
    return { users, total };
  }

  /** Ends every timer; nobody is told anything any more. */
  stop(): void {
    for (const user of this.#here.values()) this.#clock.clearTimeout(user.grace);
    this.#here.clear();
  }

  #step(user: UserHere, event: PresenceEvent): void {
    const { state, effects } = stepPresence(user.presence, event);
    user.presence = state;
    for (const effect of effects) {
      switch (effect.type) {
        case 'announce':
          this.#announce(user, effect.status, effect.since);
          break;
        case 'start_grace':
          user.grace = this.#clock.setTimeout(() => this.#graceOver(user), BOUNDS.presenceGraceMs);
          break;
        case 'cancel_grace':
          this.#clock.clearTimeout(user.grace);
          break;
      }
    }
  }

  #graceOver(user: UserHere): void {
    this.#step(user, { type: 'grace_over', at: this.#clock.now() });
    this.#forget(user);
  }

  #announce(user: UserHere, status: 'online' | 'offline', since: number): void {
    const data = { user_id: user.id, status, since: new Date(since).toISOString() };
    const event: EventBody = { type: 'presence.update', data };
    this.#bus.publish([{ kind: 'transient', audience: { kind: 'rooms', rooms: [...user.rooms] }, event }]);
  }

  #forget(user: UserHere): void {
    if (user.connections.size > 0 || user.presence.status !== 'offline') return;
    const key = userKey({ tenantId: user.tenantId, userId: user.id });
    this.#here.delete(key);
    this.#lastSeen.delete(key);
    this.#lastSeen.set(key, user.presence.since);
    for (const [oldest] of this.#lastSeen) {
      if (this.#lastSeen.size <= BOUNDS.presenceMemory) break;
      this.#lastSeen.delete(oldest);
    }
  }
}
