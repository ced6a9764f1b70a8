import type { EventData, Meta, ReplyData, RequestData } from '@goconnect/protocol';
import type {
  Actor,
  JoinPolicy,
  JoinRequest,
  LogEntry,
  Membership,
  Message,
  MessageEdit,
  Network,
  Role,
  RoomPosition,
  User,
  Visibility,
} from '../domain/entities.js';
import type { NamedBan } from '../ports/store.js';

/** Key under which a mutation is remembered (B4.1), and the trace it belongs to. */
export interface MutationContext {
  readonly actor: Actor;
  /** The key is the actor's, or holds within one `connection` only, as those of base connections do. */
  readonly key?: { readonly opId: string; readonly connection?: string };
  readonly meta?: Meta;
  /**
   * Called inside the mutation with the room it is about to enter, after all other checks and before any effect; not
   * called for a repeat. It takes a place in the room's rate limit (A6.2) and returns how to give it back, or throws
   * an `OperationError`. The operation gives the place back when it comes to nothing.
   */
  readonly admit?: (room: string) => () => void;
}

/** A mutation's outcome; `repeated` when it was committed before and only the reply is given again. */
export interface MutationResult<T> {
  readonly reply: T;
  readonly repeated: boolean;
}

export interface ChatOperations {
  send(
    context: MutationContext,
    data: RequestData<'chat.send'>,
  ): Promise<MutationResult<ReplyData<'chat.send'>>>;
  edit(
    context: MutationContext,
    data: RequestData<'chat.edit'>,
  ): Promise<MutationResult<ReplyData<'chat.edit'>>>;
  delete(
    context: MutationContext,
    data: RequestData<'chat.delete'>,
  ): Promise<MutationResult<ReplyData<'chat.delete'>>>;
  redact(
    context: MutationContext,
    data: RequestData<'chat.redact'>,
  ): Promise<MutationResult<ReplyData<'chat.redact'>>>;
  /** Fewer than asked for where they are more than `mostBytes` on the wire; at least one. */
  history(
    actor: Actor,
    query: RequestData<'chat.history'>,
    mostBytes?: number,
  ): Promise<{ readonly messages: readonly Message[]; readonly next: string | null }>;
  /** What moderators may read (A3.6). */
  edits(actor: Actor, messageId: string): Promise<readonly MessageEdit[]>;
}

/** `limit` is at most 1,000, which is also what is meant without; `cursor` is the `nextCursor` of the page before. */
export interface PeoplePage {
  readonly limit?: number;
  readonly cursor?: string;
}

export interface NetworkOperations {
  create(
    actor: Actor,
    input: { readonly name: string; readonly visibility: Visibility; readonly joinPolicy: JoinPolicy },
  ): Promise<Network>;
  list(
    actor: Actor,
    kind: 'public' | 'mine' | 'all',
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<{ readonly networks: readonly Network[]; readonly nextCursor: string | null }>;
  get(actor: Actor, networkId: string): Promise<Network>;
  update(
    actor: Actor,
    networkId: string,
    changes: { readonly name?: string; readonly visibility?: Visibility; readonly joinPolicy?: JoinPolicy },
  ): Promise<Network>;
  delete(actor: Actor, networkId: string): Promise<void>;
  join(
    actor: Actor,
    networkId: string,
    inviteToken?: string,
  ): Promise<
    | { readonly kind: 'member'; readonly membership: Membership }
    | { readonly kind: 'pending'; readonly request: JoinRequest }
  >;
  leave(actor: Actor, networkId: string): Promise<void>;
  approve(actor: Actor, networkId: string, userId: string): Promise<Membership>;
  deny(actor: Actor, networkId: string, userId: string): Promise<void>;
  kick(actor: Actor, networkId: string, userId: string, reason?: string): Promise<void>;
  ban(actor: Actor, networkId: string, userId: string, reason?: string): Promise<void>;
  unban(actor: Actor, networkId: string, userId: string): Promise<void>;
  setRole(actor: Actor, networkId: string, userId: string, role: Exclude<Role, 'owner'>): Promise<Membership>;
  invite(
    actor: Actor,
    networkId: string,
    options: { readonly expiresInSeconds?: number; readonly uses?: number },
  ): Promise<{ readonly token: string; readonly expiresAt: number; readonly usesLeft: number }>;
  /** A page of the members, whoever joined first before the others. */
  members(
    actor: Actor,
    networkId: string,
    page?: PeoplePage,
  ): Promise<{
    readonly members: readonly (Membership & { readonly name: string })[];
    readonly nextCursor: string | null;
  }>;
  countMembers(actor: Actor, networkId: string): Promise<number>;
  /** A page of those who wait, whoever asked first before the others. */
  requests(
    actor: Actor,
    networkId: string,
    page?: PeoplePage,
  ): Promise<{
    readonly requests: readonly (JoinRequest & { readonly name: string })[];
    readonly nextCursor: string | null;
  }>;
  /** The newest bans, for those who may lift them. */
  bans(actor: Actor, networkId: string): Promise<readonly NamedBan[]>;
}

export interface PeopleOperations {
  /** Someone of the actor's tenant; others do not exist for the actor (A3.3). */
  get(actor: Actor, userId: string): Promise<User>;
}

export interface RoomOperations {
  /** Rooms a connection of this user is in (A3.2), with their positions (B2). */
  roomsOf(actor: Actor): Promise<readonly RoomPosition[]>;
  /** Checks `room.join` (A3.4); the position when it is allowed, else an `OperationError`. */
  join(actor: Actor, room: string): Promise<RoomPosition>;
  /** Where these rooms stand in the log, in no particular order; rooms that it does not know are left out. */
  positions(rooms: readonly string[]): Promise<readonly RoomPosition[]>;
  /** Entries after `seq`, ascending, as many as `limit`; with the oldest `seq` to be had (B3.4). */
  entriesAfter(
    room: string,
    seq: number,
    limit: number,
  ): Promise<{ readonly entries: readonly LogEntry[]; readonly oldest: number }>;
}

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

export interface SessionOperations {
  register(input: {
    readonly email: string;
    readonly password: string;
    readonly name?: string;
  }): Promise<User>;
  login(email: string, password: string): Promise<TokenPair & { readonly user: User }>;
  /** Rotates (A5.3). `subject` is the connection's; `opId` makes a lost ack innocent. */
  refresh(
    refreshToken: string,
    options: { readonly subject?: Actor; readonly opId?: string },
  ): Promise<TokenPair>;
  /** Revokes the token's family and closes its connections. */
  logout(actor: Actor, refreshToken: string): Promise<void>;
  /** False once the family was revoked: its access tokens are then worth nothing, however long they still live. */
  isLive(familyId: string): Promise<boolean>;
}

/** Everything the server does for its users; WebSocket handlers and HTTP routes call the same functions. */
export interface Operations {
  readonly chat: ChatOperations;
  readonly networks: NetworkOperations;
  readonly people: PeopleOperations;
  readonly rooms: RoomOperations;
  readonly sessions: SessionOperations;
}

/** A message as it goes over the wire, live and in history alike. */
export type WireMessage = EventData<'chat.message'>;
