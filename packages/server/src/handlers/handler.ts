import type { Clock, ReplyData, RequestData, RequestType } from '@goconnect/protocol';
import type { Actor, RoomPosition } from '../domain/entities.js';
import type { MutationContext, Operations } from '../operations/operations.js';
import type { Dialect, UserPresence } from '../ports/gateway.js';
import type { AccessTokens, Identity } from '../ports/tokens.js';

/** The connection that asks, as far as a handler may touch it. */
export interface Session {
  readonly actor: Actor;
  readonly dialect: Dialect;
  /**
   * Puts the connection into a room at `position`, or leaves it where it is there. @returns its place; undefined when more
   * has happened since that was read than it can be told, and it is to be read again
   */
  enter(position: RoomPosition): RoomPosition | undefined;
  /** Lets what a room says reach the connection after `enter`: what came meanwhile first. */
  follow(room: string): void;
  leave(room: string): void;
  resume(
    positions: RequestData<'session.resume'>['positions'],
  ): Promise<ReplyData<'session.resume'>['rooms']>;
  /** The connection's expiry, rights and login follow a new token (A5.3). */
  renew(identity: Identity): Promise<void>;
}

/** Who is online, and where. */
export interface PresenceBook {
  of(tenantId: string, userIds: readonly string[]): readonly UserPresence[];
  /** Users of a tenant who are online here, at most `limit`, and how many they are. */
  online(
    tenantId: string,
    limit: number,
  ): { readonly users: readonly UserPresence[]; readonly total: number };
}

export interface HandlerContext {
  readonly operations: Operations;
  readonly tokens: AccessTokens;
  readonly presence: PresenceBook;
  readonly clock: Pick<Clock, 'now'>;
  readonly session: Session;
  readonly opId: string;
  /** Under which key, trace and limit a mutation runs. */
  readonly mutation: MutationContext;
}

export interface Outcome<K extends RequestType> {
  readonly reply: ReplyData<K>;
  /** The operation was committed before; only the reply is given again (B4.1). */
  readonly repeated?: boolean;
  /** Runs right after the reply is queued, so that nothing comes between. */
  readonly afterwards?: () => void;
}

/**
 * Answers one type of request. It MUST hand its operation over before it first waits: that keeps the operations of a
 * connection in the order received (A2.2). What it throws becomes the error reply.
 */
export type Handler<K extends RequestType> = (
  context: HandlerContext,
  data: RequestData<K>,
) => Promise<Outcome<K>>;
