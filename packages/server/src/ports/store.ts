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
  User,
} from '../domain/entities.js';

/**
 * Durable truth. Everything that arrives within one turn of the event loop shares one transaction and one fsync.
 *
 * - `write` MUST resolve only after its effects are durable, and MUST roll back only this `work` when it throws.
 * - Works run one after the other in the order they were handed in; each sees the effects of those before it.
 * - Entries appended MUST reach the `onCommit` listeners in commit order, after durability and before `write` resolves.
 * - `write` and `read` MUST reject once the store is closed, and MUST NOT hang.
 */
export interface Store {
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

export interface NetworkTable {
  get(id: string): Promise<Network | undefined>;
  insert(network: Network): Promise<void>;
  update(network: Network): Promise<void>;
  /** Removes the network with its members, requests, bans and invites. The log stays. */
  delete(id: string): Promise<void>;
  list(filter: { readonly tenantId: string; readonly kind: 'public' | 'mine' | 'all'; readonly userId: string }, page: Page): Promise<readonly Network[]>;
}

/** Members, join requests, bans and invites of networks. */
export interface MemberTable {
  get(networkId: string, userId: string): Promise<Membership | undefined>;
  put(membership: Membership): Promise<void>;
  /** True when there was one. */
  delete(networkId: string, userId: string): Promise<boolean>;
  ofNetwork(networkId: string): Promise<readonly (Membership & { readonly name: string })[]>;
  ofUser(userId: string): Promise<readonly Membership[]>;
  requests: {
    get(networkId: string, userId: string): Promise<JoinRequest | undefined>;
    insert(request: JoinRequest): Promise<void>;
    delete(networkId: string, userId: string): Promise<boolean>;
    ofNetwork(networkId: string): Promise<readonly JoinRequest[]>;
  };
  bans: {
    has(networkId: string, userId: string): Promise<boolean>;
    put(ban: { readonly networkId: string; readonly userId: string; readonly bannedBy: string; readonly reason: string | null; readonly bannedAt: number }): Promise<void>;
    delete(networkId: string, userId: string): Promise<boolean>;
  };
  invites: {
    insert(invite: Invite): Promise<void>;
    /** Takes one use off; undefined when unknown, for another network, expired or used up. */
    use(tokenHash: string, networkId: string, now: number): Promise<Invite | undefined>;
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
  /** Removes the row and its edit history. */
  delete(id: string): Promise<void>;
  page(query: HistoryQuery): Promise<readonly Message[]>;
  edits: {
    insert(edit: MessageEdit): Promise<void>;
    of(messageId: string): Promise<readonly MessageEdit[]>;
  };
}

export interface LogTable {
  /** Adds an entry at the room's next `seq`; a room is created by its first entry or its first `position`. */
  append(room: string, event: EventBody, at: number, meta?: Meta): Promise<LogEntry>;
  /** Where the rooms stand; each room asked for gets an answer, `seq` 0 where nothing was ever said. */
  positions(rooms: readonly string[]): Promise<readonly RoomPosition[]>;
  /** Entries with `seq` over `after`, ascending, at most `limit`. */
  entries(room: string, after: number, limit: number): Promise<readonly LogEntry[]>;
  /** The oldest `seq` still stored; undefined when none is. */
  oldest(room: string): Promise<number | undefined>;
  /** Removes up to `limit` entries older than `before` (wall clock); returns how many went. */
  trim(before: number, limit: number): Promise<number>;
}

/** A committed operation, so that its repeat has no second effect (B4.1). */
export interface OperationRecord {
  /** Whose key it is: a user, one base connection, or an HTTP client. */
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
  insert(record: OperationRecord): Promise<void>;
  trim(before: number, limit: number): Promise<number>;
}

export interface RefreshTokenTable {
  get(tokenHash: string): Promise<RefreshToken | undefined>;
  insert(token: RefreshToken): Promise<void>;
  spend(tokenHash: string, at: number, opId: string | null): Promise<void>;
  deleteFamily(familyId: string): Promise<void>;
  trim(before: number, limit: number): Promise<number>;
}
