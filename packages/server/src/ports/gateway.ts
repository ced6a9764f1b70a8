import type { ClientAddress } from './client-address.js';
import type { ConnectionInbound, ServerSocket } from './server-socket.js';
import type { Identity } from './tokens.js';

/** `v1` where the session extension was negotiated (B1), else `base`. */
export type Dialect = 'base' | 'v1';

export interface AdmissionRequest {
  readonly identity: Identity;
  readonly dialect: Dialect;
  /** Names the client instance (B1.4); its newer connection replaces its older one (A6.5). */
  readonly clientId?: string;
}

/** Why nobody, or not this user, can be let in now (A5.2). */
export interface Refusal {
  readonly kind: 'refused';
  readonly why: 'draining' | 'full' | 'too_many_connections' | 'connect_rate' | 'revoked';
  /** When trying again makes sense, milliseconds; 0 where only another token helps. */
  readonly retryAfterMs: number;
}

/** A place that is kept until one of its two functions is called, exactly once. */
export interface Admitted {
  readonly kind: 'admitted';
  /** Takes the place: the session begins on this socket. */
  open(socket: ServerSocket): ConnectionInbound;
  /** Gives the place back: the upgrade came to nothing. */
  abandon(): void;
}

export interface DrainOptions {
  /** Clients are spread over this time, milliseconds (B5.1). */
  readonly windowMs: number;
  /** Who is still here after this time is closed with 4412, milliseconds. */
  readonly deadlineMs: number;
  /** Told to clients. */
  readonly reason: string;
}

export interface UserPresence {
  readonly userId: string;
  readonly status: 'online' | 'offline';
  /** Wall clock, milliseconds. For somebody never seen: when this server started. */
  readonly since: number;
}

export interface GatewayStats {
  readonly connections: number;
  readonly rooms: number;
  /** Servers of the same database that are heard of, this one included. */
  readonly nodes: number;
  /** What waits for all clients together, as the send queues count it (A6.3). */
  readonly queued: { readonly messages: number; readonly bytes: number };
  readonly draining: boolean;
}

/** All connections of this process. */
export interface Gateway {
  /** A refusal that does not depend on who asks. */
  closedDoor(): Refusal | undefined;
  /**
   * Counts an upgrade from this address and says whether it may go on. Looked at before a token is verified, which costs
   * more.
   */
  knock(address: ClientAddress): Refusal | undefined;
  /** Asks for a place. May wait up to two seconds for a silent connection of the same user to show life (A6.5). */
  admit(request: AdmissionRequest): Promise<Admitted | Refusal>;
  /** Who of these users is online (A4.1). */
  presence(tenantId: string, userIds: readonly string[]): readonly UserPresence[];
  /** What `/health` and `/metrics` tell. */
  stats(): GatewayStats;
  /** Sends everyone away politely (B5). Resolves when the last connection is gone. */
  drain(options: DrainOptions): Promise<void>;
  /** Closes what is left with 1001 and ends every timer. Resolves when all is gone; at most two seconds. */
  stop(): Promise<void>;
}
