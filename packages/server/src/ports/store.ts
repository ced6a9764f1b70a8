import type { Meta } from '@goconnect/protocol';
import type {
  EventBody,
  Invite,
  JoinRequest,
  LogEntry,
  Membership,
  Message,
  MessageEdit,
  Network,
  RefreshToken,
  RoomPosition,
  Standing,
  User,
} from '../domain/entities.js';

/**
 * Durable truth. Everything that arrives within one turn of the event loop shares one transaction and one fsync.
 *
 * - `write` MUST resolve only after its effects are durable, and MUST roll back only this `work` when it throws.
 * - A `work` MUST await nothing but its `tx`, for others wait behind it, and MUST have no effect but through it: after
 *   a deadlock between nodes the store runs it again.
 * - What fails for reasons of the store itself rejects with a `StoreError`. A `write` whose commit the database does not
 *   answer for MUST NOT be told as `failed`: the store finds out, or rejects with `unknown_outcome`. Until it knows it
 *   MUST NOT commit anything else, and if the commit took effect its entries MUST reach the listeners then.
 * - Works run one after the other in the order they were handed in; each sees the effects of those before it.
 * - Entries appended MUST reach the `onCommit` listeners in commit order, after durability and before `write` resolves.
 * - `write` and `read` MUST reject once the store is closed, and MUST NOT hang.
 */
export interface Store {
  /**
   * Names the servers that share the database: the same on each of them, another one for any other database, copies of this
   * one included. Undefined where a server has its database to itself.
   */
  readonly fleet?: string;
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  read<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Hears the log entries of each commit, in order. Returns how to stop hearing. */
  onCommit(listener: (entries: readonly LogEntry[]) => void): () => void;
  /** Rejects with a reason a person can act on when the store cannot serve. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** The tables, as one unit of work sees them. Not to be kept beyond the `work` it was handed to. */
export interface Transaction {
  readonly users: UserTable;
  readonly networks: NetworkTable;
  readonly members: MemberTable;
  readonly messages: MessageTable;
  readonly log: LogTable;
  readonly operations: OperationTable;
  readonly refreshTokens: RefreshTokenTable;
}

export interface UserTable {
  get(id: string): Promise<User | undefined>;
  withPassword(email: string): Promise<{ readonly user: User; readonly passwordHash: string } | undefined>;
  /** Rejects nothing: returns false when the e-mail is taken. E-mails compare without case. */
  insert(user: User, passwordHash: string): Promise<boolean>;
}

export interface Page {
  readonly limit: number;
  /** Opaque to callers of the API; here: the id to start after. */
  readonly after?: string;
}

/** Some of those who joined a network, or asked to, the first one first. */
export interface PeoplePage {
  readonly limit: number;
  /** The last one of the page before: when they came, and the id that decides between those of one moment. */
  readonly after?: { readonly at: number; readonly id: string };
}

export interface NetworkTable {
  get(id: string): Promise<Network | undefined>;
  /** The network and where the user stands in it; undefined when there is no such network. */
  standing(networkId: string, userId: string): Promise<Standing | undefined>;
  insert(network: Network): Promise<void>;
  update(network: Network): Promise<void>;
  /** Removes the network with its members, requests, bans and invites. The log stays. */
  delete(id: string): Promise<void>;
  list(
    filter: { readonly tenantId: string; readonly kind: 'public' | 'mine' | 'all'; readonly userId: string },
    page: Page,
  ): Promise<readonly Network[]>;
}

/** Who may not come back, and since when. */
export interface NamedBan {
  readonly networkId: string;
  readonly userId: string;
  readonly name: string;
  readonly reason: string | null;
  readonly bannedAt: number;
}

/** Members, join requests, bans and invites of networks. */
export interface MemberTable {
  get(networkId: string, userId: string): Promise<Membership | undefined>;
  put(membership: Membership): Promise<void>;
  /** True when there was one. */
  delete(networkId: string, userId: string): Promise<boolean>;
  /** `after` has the user's id. */
  ofNetwork(
    networkId: string,
    page: PeoplePage,
  ): Promise<readonly (Membership & { readonly name: string })[]>;
  /** How many members a network has. */
  count(networkId: string): Promise<number>;
  /** Memberships in networks of this tenant; others do not exist for the user (A3.3). */
  ofUser(userId: string, tenantId: string): Promise<readonly Membership[]>;
  /**
   * Keeps other nodes from counting the user's memberships to add one, until this work is committed: two nodes that each find room
   * for one more would let in one too many. A work that locks a room does so before.
   */
  holdUser(userId: string, tenantId: string): Promise<void>;
  /** How many they are. */
  countOfUser(userId: string, tenantId: string): Promise<number>;
  /** Ids of the network's owner and admins. */
  staff(networkId: string): Promise<readonly string[]>;
  requests: {
    get(networkId: string, userId: string): Promise<JoinRequest | undefined>;
    insert(request: JoinRequest): Promise<void>;
    delete(networkId: string, userId: string): Promise<boolean>;
    /** `after` has the request's id. */
    ofNetwork(
      networkId: string,
      page: PeoplePage,
    ): Promise<readonly (JoinRequest & { readonly name: string })[]>;
  };
  bans: {
    has(networkId: string, userId: string): Promise<boolean>;
    put(ban: {
      readonly networkId: string;
      readonly userId: string;
      readonly bannedBy: string;
      readonly reason: string | null;
      readonly bannedAt: number;
    }): Promise<void>;
    delete(networkId: string, userId: string): Promise<boolean>;
    /** Newest first, at most `limit`. */
    ofNetwork(networkId: string, limit: number): Promise<readonly NamedBan[]>;
  };
  invites: {
    insert(invite: Invite): Promise<void>;
    /** Takes one use off; undefined when unknown, for another network, expired or used up. */
    use(tokenHash: string, networkId: string, now: number): Promise<Invite | undefined>;
    /** Removes up to `limit` invites that ended before `before`; returns how many went. */
    trim(before: number, limit: number): Promise<number>;
  };
}

export interface HistoryQuery {
  readonly scope: string;
  readonly limit: number;
  /** Exclusive bounds, as `seq`. With `afterSeq` alone the page is oldest first, else newest first. */
  readonly beforeSeq?: number;
  readonly afterSeq?: number;
}

export interface MessageTable {
  get(id: string): Promise<Message | undefined>;
  insert(message: Message): Promise<void>;
  update(message: Message): Promise<void>;
  /** Removes the row and its edit history. Only the message's place stays, so that a page can still start at it. */
  delete(id: string): Promise<void>;
  /** Where a message stands or, when it was removed, stood. */
  placeOf(id: string): Promise<{ readonly scope: string; readonly seq: number } | undefined>;
  page(query: HistoryQuery): Promise<readonly Message[]>;
  edits: {
    insert(edit: MessageEdit): Promise<void>;
    of(messageId: string): Promise<readonly MessageEdit[]>;
  };
}

export interface LogTable {
  /**
   * Keeps other nodes from appending to the room until this work is committed. What a work reads about rights after
   * this still holds at the place where its entry ends up (promise 8).
   */
  lock(room: string): Promise<void>;
  /** Adds an entry at the room's next `seq`; a room is created by its first entry or by `open`. */
  append(room: string, event: EventBody, at: number, meta?: Meta): Promise<LogEntry>;
  /** The same for many entries, in this order, with few statements: a work must not keep others waiting for long. */
  appendAll(room: string, events: readonly EventBody[], at: number): Promise<void>;
  /**
   * Puts other words into an entry that stays where it is: what was deleted or redacted must not come back with a
   * replay. Nobody is told; the entry that says what happened is appended besides.
   */
  rewrite(room: string, seq: number, event: EventBody): Promise<void>;
  /** Where those of the rooms stand that exist already, in no particular order. */
  positions(rooms: readonly string[]): Promise<readonly RoomPosition[]>;
  /** The same for every room asked for: missing ones are created, with `seq` 0. */
  open(rooms: readonly string[]): Promise<readonly RoomPosition[]>;
  /** Entries with `seq` over `after`, ascending, at most `limit`. */
  entries(room: string, after: number, limit: number): Promise<readonly LogEntry[]>;
  /** The oldest `seq` still stored; undefined when none is. */
  oldest(room: string): Promise<number | undefined>;
  /**
   * Removes some `limit` entries older than `before` (wall clock) and everything that stands before them in their
   * rooms, so that what is left has no holes; returns how many went.
   */
  trim(before: number, limit: number): Promise<number>;
}

/** A committed operation, so that its repeat has no second effect (B4.1). */
export interface OperationRecord {
  /** Whose key it is: a user within a tenant, one base connection, an HTTP client, or a process of the server itself. */
  readonly owner: string;
  readonly opId: string;
  /** SHA-256 over type and data: the same key with another one is a mistake of the client. */
  readonly fingerprint: string;
  /** What was answered, as JSON. */
  readonly reply: string;
  readonly at: number;
}

export interface OperationTable {
  get(owner: string, opId: string): Promise<OperationRecord | undefined>;
  /** False when the key is taken already, by another node in this very moment. */
  insert(record: OperationRecord): Promise<boolean>;
  trim(before: number, limit: number): Promise<number>;
}

export interface RefreshTokenTable {
  get(tokenHash: string): Promise<RefreshToken | undefined>;
  insert(token: RefreshToken): Promise<void>;
  /** Marks the token as spent; false when it was already. */
  spend(
    tokenHash: string,
    spent: { readonly at: number; readonly opId: string | null; readonly sealedSuccessor: string | null },
  ): Promise<boolean>;
  /** False once the family was revoked. */
  hasFamily(familyId: string): Promise<boolean>;
  deleteFamily(familyId: string): Promise<void>;
  /** Forgets the sealed successors of tokens spent before `before`; returns how many. */
  forgetSuccessors(before: number, limit: number): Promise<number>;
  /** Removes up to `limit` tokens that expired before `before`; returns how many went. */
  trim(before: number, limit: number): Promise<number>;
}
