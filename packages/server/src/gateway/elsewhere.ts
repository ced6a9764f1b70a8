import type { Clock } from '@goconnect/protocol';
import type { Actor } from '../domain/entities.js';
import type { RosterConnection, RosterUser } from '../ports/bus.js';
import { BOUNDS } from './bounds.js';
import { userKey } from './user-key.js';

/** What another node said of a user, and with which of its news. */
interface Word {
  readonly user: RosterUser;
  readonly number: number;
}

/** A user of other nodes. */
interface OtherUser {
  readonly userId: string;
  readonly tenantId: string;
  readonly words: Map<string, Word>;
  /** Since when others know the user as online; undefined where no node has them so. */
  since: number | undefined;
}

/** What a node said of a user has changed what is known of them. */
export interface Change {
  readonly actor: Actor;
  /** Since when the user was online on other nodes, and is now; undefined where they are not. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** Where that shows. */
  readonly rooms: readonly string[];
  /** When the user went, if the node said so. */
  readonly goneAt: number | undefined;
}

/** Users whom other nodes have, by the word of those nodes. */
export class Elsewhere {
  /** By tenant, then by user. */
  readonly #tenants = new Map<string, Map<string, OtherUser>>();
  readonly #usersOf = new Map<string, Set<OtherUser>>();
  /** By node: users that left it, and with which of its news. An older word of them may still come. */
  readonly #left = new Map<string, Map<string, number>>();
  readonly #clock: Pick<Clock, 'now'>;
  #latestStamp = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** The largest stamp that was heard of. */
  get latestStamp(): number {
    return this.#latestStamp;
  }

  /** Since when others know the user as online; undefined where no other node has them. */
  since(actor: Actor): number | undefined {
    return this.#get(actor)?.since;
  }

  /** The connections of a user. */
  connections(actor: Actor): readonly RosterConnection[] {
    const words = this.#get(actor)?.words;
    return words ? [...words.values()].flatMap(({ user }) => user.connections) : [];
  }

  /** Those of a tenant who are online. */
  *online(tenantId: string): Iterable<{ readonly userId: string; readonly since: number }> {
    for (const { userId, since } of this.#tenants.get(tenantId)?.values() ?? [])
      if (since !== undefined) yield { userId, since };
  }

  /** Takes a node's word of a user as of its news `number`, if there is none newer. */
  take(node: string, said: RosterUser, number: number): Change | undefined {
    const user = { ...said, connections: this.#comparable(said.connections) };
    const other = this.#get(user) ?? { ...actorOf(user), words: new Map<string, Word>(), since: undefined };
    const known = other.words.get(node)?.number ?? this.#left.get(node)?.get(userKey(user)) ?? 0;
    if (known > number) return undefined;
    for (const { stamp } of user.connections) this.#latestStamp = Math.max(this.#latestStamp, stamp);
    if (user.presence === 'here' || user.connections.length > 0)
      return this.#put(node, other, { user, number });
    this.#noteLeft(node, user, number);
    return this.#remove(node, other, user.since);
  }

  /** Everything that the node has as of its news `number` was taken: whoever it did not name is gone. */
  forgetOlder(node: string, number: number): readonly Change[] {
    const older = [...(this.#usersOf.get(node) ?? [])].filter(
      ({ words }) => (words.get(node)?.number ?? number) < number,
    );
    return older.map((other) => this.#remove(node, other, undefined));
  }

  /** All that the node said was heard, and no older word is taken any more. */
  inStep(node: string): void {
    this.#left.delete(node);
  }

  /** The node has no connections any more; whoever it had is still taken for online. */
  lose(node: string): void {
    for (const other of this.#usersOf.get(node) ?? []) {
      const word = other.words.get(node);
      if (word) other.words.set(node, { ...word, user: { ...word.user, connections: [] } });
    }
  }

  /** Forgets users of a node that is gone, at most so many; none are left when it returns none. */
  forgetSome(node: string, most: number): readonly Change[] {
    this.#left.delete(node);
    const some = [...(this.#usersOf.get(node) ?? [])].slice(0, most);
    return some.map((other) => this.#remove(node, other, undefined));
  }

  /**
   * Own stamps are larger than any that was heard of. One that no clock gives would be the last of all, and what is given out
   * after it would be no time any more.
   */
  #comparable(connections: readonly RosterConnection[]): readonly RosterConnection[] {
    const latest = this.#clock.now() + BOUNDS.stampAheadMs;
    return connections.filter(({ stamp }) => stamp <= latest);
  }

  /** Of too many the first are forgotten: should an older word still come, it holds until everything was heard. */
  #noteLeft(node: string, user: RosterUser, number: number): void {
    const left = this.#left.get(node) ?? new Map<string, number>();
    const key = userKey(user);
    left.delete(key);
    this.#left.set(node, left.set(key, number));
    for (const [oldest] of left) {
      if (left.size <= BOUNDS.presenceMemory) break;
      left.delete(oldest);
    }
  }

  #get({ tenantId, userId }: Actor): OtherUser | undefined {
    return this.#tenants.get(tenantId)?.get(userId);
  }

  #put(node: string, other: OtherUser, word: Word): Change {
    const before = other.since;
    other.words.set(node, word);
    const users = this.#tenants.get(other.tenantId) ?? new Map<string, OtherUser>();
    this.#tenants.set(other.tenantId, users.set(other.userId, other));
    this.#usersOf.set(node, (this.#usersOf.get(node) ?? new Set()).add(other));
    other.since = earliest(other);
    const { rooms } = word.user;
    return { actor: actorOf(other), before, after: other.since, rooms, goneAt: undefined };
  }

  #remove(node: string, other: OtherUser, goneAt: number | undefined): Change {
    const before = other.since;
    const rooms = other.words.get(node)?.user.rooms ?? [];
    other.words.delete(node);
    this.#usersOf.get(node)?.delete(other);
    if (this.#usersOf.get(node)?.size === 0) this.#usersOf.delete(node);
    if (other.words.size === 0) this.#forget(other);
    other.since = earliest(other);
    return { actor: actorOf(other), before, after: other.since, rooms, goneAt };
  }

  #forget({ tenantId, userId }: OtherUser): void {
    const users = this.#tenants.get(tenantId);
    users?.delete(userId);
    if (users?.size === 0) this.#tenants.delete(tenantId);
  }
}

function actorOf({ userId, tenantId }: Actor): Actor {
  return { userId, tenantId };
}

function earliest({ words }: OtherUser): number | undefined {
  let since: number | undefined;
  for (const { user } of words.values())
    if (user.presence === 'here') since = Math.min(since ?? user.since, user.since);
  return since;
}
