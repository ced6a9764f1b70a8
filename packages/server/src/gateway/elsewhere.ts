import type { Actor } from '../domain/entities.js';
import type { RosterConnection, RosterUser } from '../ports/bus.js';
import { userKey } from './user-key.js';

/** What another node said of a user, and with which of its news. */
interface Word {
  readonly user: RosterUser;
  readonly number: number;
}

/** What is known of a user changed. Undefined: nothing is known. */
export interface Change {
  readonly actor: Actor;
  readonly before: RosterUser | undefined;
  readonly after: RosterUser | undefined;
}

/** Users whom other nodes have, by the word of those nodes. Bounded by what these let in. */
export class Elsewhere {
  /** By user, then by node. */
  readonly #words = new Map<string, Map<string, Word>>();
  readonly #usersOf = new Map<string, Set<string>>();
  /** By node: users that left it, and with which of its news. An older word of them may still come. */
  readonly #left = new Map<string, Map<string, number>>();
  #latestStamp = 0;

  /** The largest stamp that was heard of. */
  get latestStamp(): number {
    return this.#latestStamp;
  }

  /** Since when others know the user as online; undefined where no other node has them. */
  since(actor: Actor): number | undefined {
    const times = this.#of(userKey(actor))
      .filter(isHere)
      .map(({ since }) => since);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** The connections of a user. */
  connections(actor: Actor): readonly RosterConnection[] {
    return this.#of(userKey(actor)).flatMap(({ connections }) => connections);
  }

  /** Those of a tenant who are online. */
  *online(
    tenantId: string,
  ): Iterable<{ readonly key: string; readonly userId: string; readonly since: number }> {
    for (const [key, words] of this.#words) {
      const [word] = words.values();
      if (word?.user.tenantId !== tenantId) continue;
      const since = this.since(word.user);
      if (since !== undefined) yield { key, userId: word.user.userId, since };
    }
  }

  /** Takes a node's word of a user as of its news `number`, if there is none newer. */
  take(node: string, user: RosterUser, number: number): Change | undefined {
    const key = userKey(user);
    const before = this.#words.get(key)?.get(node);
    if ((before?.number ?? this.#left.get(node)?.get(key) ?? 0) > number) return undefined;
    for (const { stamp } of user.connections) this.#latestStamp = Math.max(this.#latestStamp, stamp);
    if (user.presence === 'here' || user.connections.length > 0) this.#put(node, key, { user, number });
    else {
      this.#remove(node, key);
      this.#left.set(node, (this.#left.get(node) ?? new Map<string, number>()).set(key, number));
    }
    return { actor: user, before: before?.user, after: user };
  }

  /** Everything that the node has as of its news `number` was taken: whoever it did not name is gone. */
  forgetOlder(node: string, number: number): readonly Change[] {
    return this.#drop(node, (word) => word.number < number);
  }

  /** All that the node said was heard, and no older word is taken any more. */
  inStep(node: string): void {
    this.#left.delete(node);
  }

  /** The node has no connections any more; whoever it had is still taken for online. */
  lose(node: string): void {
    for (const key of this.#usersOf.get(node) ?? []) {
      const word = this.#words.get(key)?.get(node);
      if (word) this.#put(node, key, { ...word, user: { ...word.user, connections: [] } });
    }
  }

  forget(node: string): readonly Change[] {
    this.#left.delete(node);
    return this.#drop(node, () => true);
  }

  #drop(node: string, which: (word: Word) => boolean): readonly Change[] {
    const changes: Change[] = [];
    for (const key of [...(this.#usersOf.get(node) ?? [])]) {
      const word = this.#words.get(key)?.get(node);
      if (!word || !which(word)) continue;
      this.#remove(node, key);
      changes.push({ actor: word.user, before: word.user, after: undefined });
    }
    return changes;
  }

  #of(key: string): readonly RosterUser[] {
    return [...(this.#words.get(key)?.values() ?? [])].map(({ user }) => user);
  }

  #put(node: string, key: string, word: Word): void {
    const words = this.#words.get(key) ?? new Map<string, Word>();
    const users = this.#usersOf.get(node) ?? new Set<string>();
    this.#words.set(key, words.set(node, word));
    this.#usersOf.set(node, users.add(key));
  }

  #remove(node: string, key: string): void {
    const words = this.#words.get(key);
    words?.delete(node);
    if (words?.size === 0) this.#words.delete(key);
    const users = this.#usersOf.get(node);
    users?.delete(key);
    if (users?.size === 0) this.#usersOf.delete(node);
  }
}

function isHere({ presence }: RosterUser): boolean {
  return presence === 'here';
}
