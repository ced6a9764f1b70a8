import { type Clock, type Meta, parseRoom } from '@goconnect/protocol/validators';
import type { SeededRandom } from '../chance/random.js';
import { wrong } from '../support/rules.js';
import { TestkitError } from '../support/testkit-error.js';
import type {
  Entry,
  EventBody,
  FakeNetworkInfo,
  FakeUser,
  StoredMessage,
  StoredNetwork,
  StoredUser,
} from './entities.js';
import { RoomLog } from './room-log.js';
import { checkNetwork, checkUser } from './world-rules.js';

export interface WorldOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** Events kept per room. */
  readonly keepEvents: number;
}

const DEMO_TENANT = 'demo';

/** A committed operation: what was asked, and what was answered (B4.1). */
export interface Remembered {
  readonly fingerprint: string;
  readonly reply: unknown;
}

/** Where a message was said. */
export type Place = Pick<StoredMessage, 'scope' | 'tenantId' | 'seq'>;

export function isOfTenant({ scope, tenantId }: Place, user: StoredUser): boolean {
  return scope === 'host' || tenantId === user.tenantId;
}

/** What a server keeps in its store: users, networks, messages, logs. No connection in it. */
export class World {
  readonly users = new Map<string, StoredUser>();
  readonly networks = new Map<string, StoredNetwork>();
  messages = new Map<string, StoredMessage>();
  operations = new Map<string, Remembered>();
  /** What is left of messages that were deleted for good: a page of history can still start there. */
  #gone = new Map<string, Place>();
  #logs = new Map<string, RoomLog>();
  #ids = 0;
  readonly #options: WorldOptions;

  constructor(options: WorldOptions) {
    this.#options = options;
  }

  addUser(user: FakeUser): void {
    const { id, tenantId = DEMO_TENANT, isAdmin = false, isModerator = false } = checkUser(user);
    this.users.set(id, { id, tenantId, isAdmin, isModerator });
  }

  addNetwork(network: FakeNetworkInfo): void {
    const { id, tenantId = DEMO_TENANT, visibility = 'public', members = {} } = checkNetwork(network);
    if (this.networks.has(id))
      throw wrong(`${id} is there already.`, 'Change it with addMember(), removeMember() and setRole().');
    for (const member of Object.keys(members)) this.user(member);
    this.networks.set(id, {
      id,
      tenantId,
      visibility,
      members: new Map(Object.entries(members)),
      banned: new Set(),
    });
  }

  /** A user that a test names. */
  user(id: string): StoredUser {
    const user = this.users.get(id);
    if (user) return user;
    const known = [...this.users.keys()].join(', ');
    throw new TestkitError(
      'no_such_user',
      `The fake server has no user ${JSON.stringify(id)}.`,
      `Add one with addUser({ id }), or use one of: ${known}.`,
    );
  }

  /** A network that a test names. */
  network(id: string): StoredNetwork {
    const network = this.networks.get(id);
    if (network) return network;
    const known = [...this.networks.keys()].join(', ');
    throw new TestkitError(
      'no_such_network',
      `The fake server has no network ${JSON.stringify(id)}.`,
      `Add one with addNetwork({ id }), or use one of: ${known}.`,
    );
  }

  /** The network of a room's name, as far as this user may know of it (A3.3). */
  visibleNetwork(id: string, user: StoredUser): StoredNetwork | undefined {
    const network = this.networks.get(id);
    return network?.tenantId === user.tenantId ? network : undefined;
  }

  isMember(room: string, userId: string): boolean {
    const parsed = parseRoom(room);
    const user = this.users.get(userId);
    if (!parsed || !user) return false;
    if (parsed.kind === 'host') return true;
    if (parsed.kind === 'tenant') return parsed.id === user.tenantId;
    return this.visibleNetwork(parsed.id, user)?.members.has(userId) ?? false;
  }

  /** Rooms that a user's connections enter by themselves (A3.2). */
  roomsOf(user: StoredUser): readonly string[] {
    const own = [...this.networks.values()]
      .filter(({ members }) => members.has(user.id))
      .map(({ id }) => `network:${id}`);
    return ['host', `tenant:${user.tenantId}`, ...own];
  }

  /** Keeps nothing of a message but its place. */
  forget({ id, scope, tenantId, seq }: StoredMessage): void {
    this.messages.delete(id);
    this.#gone.set(id, { scope, tenantId, seq });
  }

  /** Where a message of this scope is, or was; undefined for one that the user may know nothing of. */
  placeOf(messageId: string, scope: string, user: StoredUser): number | undefined {
    const place = this.messages.get(messageId) ?? this.#gone.get(messageId);
    return place?.scope === scope && isOfTenant(place, user) ? place.seq : undefined;
  }

  log(room: string): RoomLog {
    const known = this.#logs.get(room);
    if (known) return known;
    const log = new RoomLog(room, this.nextId('epoch'), this.#options.keepEvents);
    this.#logs.set(room, log);
    return log;
  }

  append(room: string, event: EventBody, meta?: Meta): Entry {
    return this.log(room).append(event, meta);
  }

  /** Where a room stands (B3.2). */
  position(room: string): { readonly room: string; readonly epoch: string; readonly seq: number } {
    const { epoch, seq } = this.log(room);
    return { room, epoch, seq };
  }

  /** Loses messages, logs and remembered operations; users and networks stay. Every room gets a new epoch. */
  loseLog(): void {
    this.#logs = new Map();
    this.messages = new Map();
    this.#gone = new Map();
    this.operations = new Map();
  }

  nextId(kind: string): string {
    return `${kind}-${++this.#ids}-${this.#options.random.integer(0, 0xffff).toString(16)}`;
  }

  now(): number {
    return this.#options.clock.now();
  }

  timestamp(at = this.now()): string {
    return new Date(at).toISOString();
  }
}
