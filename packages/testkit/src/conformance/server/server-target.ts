import type { TcpDial } from './tcp-dial.js';
import type { Dial } from './wire.js';

/** A user that cases may act as. */
export interface ConformanceUser {
  readonly id: string;
  readonly token: string;
  readonly refreshToken?: string;
  /** Seconds for which `token` was given; absent: its `exp` says so, if anything does. */
  readonly expiresIn?: number;
}

export type NetworkPolicy = {
  readonly visibility: 'public' | 'private';
  readonly joinPolicy: 'open' | 'approval';
};
export type MemberRole = 'admin' | 'moderator' | 'member';

/** Tokens that may end before the run does. */
export interface TokenKeeper {
  /** The users of the target, with tokens that live for so many milliseconds yet, where such can be had. */
  renewed(ms: number): Promise<readonly ConformanceUser[]>;
  /** Whether one that cannot be renewed has ended, or is about to: then the run ends, as incomplete. */
  ranOut(): boolean;
}

/**
 * What makes membership happen on the server: its HTTP API, or a test's own hands. Each call resolves when it has
 * taken effect.
 */
export interface ServerAdmin {
  /** A user nobody else uses, of the same tenant, in no network. */
  newUser(): Promise<ConformanceUser>;
  /** A network that belongs to `owner`. Returns its id. */
  newNetwork(owner: ConformanceUser, policy?: Partial<NetworkPolicy>): Promise<string>;
  /** A member joins an open network, or asks to join one with approval. */
  join(networkId: string, user: ConformanceUser): Promise<void>;
  setRole(networkId: string, owner: ConformanceUser, user: ConformanceUser, role: MemberRole): Promise<void>;
  leave(networkId: string, user: ConformanceUser): Promise<void>;
  kick(networkId: string, owner: ConformanceUser, user: ConformanceUser, reason: string): Promise<void>;
  ban(networkId: string, owner: ConformanceUser, user: ConformanceUser, reason: string): Promise<void>;
  /** Lets somebody in who asked to join. Absent where that cannot be done. */
  approve?(networkId: string, owner: ConformanceUser, user: ConformanceUser): Promise<void>;
  /** Renames the network: `net.updated`. Absent where that cannot be done. */
  rename?(networkId: string, owner: ConformanceUser, name: string): Promise<void>;
  /** An access token that lives for so many seconds. Absent where lives cannot be chosen. */
  shortToken?(user: ConformanceUser, seconds: number): Promise<string>;
  /** Sends everyone away politely, and comes back. */
  drain?(): Promise<void>;
  /** Goes away and comes back with its store. */
  restart?(): Promise<void>;
}

/** A server to be judged. */
export interface ServerTarget {
  readonly kind: 'server';
  /** `ws://host:8080/v1/ws`. */
  readonly url: string;
  /** At least two users of one tenant. */
  readonly users: readonly ConformanceUser[];
  /** Default: all tokens outlive the run. */
  readonly tokens?: TokenKeeper;
  /** A token of a user of another tenant. */
  readonly foreigner?: ConformanceUser;
  /** A user of the same tenant who is a moderator of the whole deployment. */
  readonly moderator?: ConformanceUser;
  readonly admin?: ServerAdmin;
  /** Default: over the network. */
  readonly dial?: Dial;
  /** True where `dial` cannot tell the status of a refused upgrade, nor stop reading. Default: true for a `dial` of one's own. */
  readonly hidesStatus?: boolean;
  /** Opens a bare socket to `url`. Default: over the network; none for a `dial` of one's own. */
  readonly tcpDial?: TcpDial;
  /** True for a server in development mode, which lets pages of any origin in (A5.2). */
  readonly anyOrigin?: boolean;
  /** True for a server that keeps all that a slow client does not read: no A6.3. */
  readonly queuesUnbounded?: boolean;
  /** Lets time pass: on a virtual clock at once, else by waiting. Absent: cases that take long are skipped. */
  readonly passTime?: (ms: number) => Promise<void>;
  /** The server's CHAT_EDIT_WINDOW, where it is short enough to be waited for. */
  readonly editWindowMs?: number;
  /** Milliseconds in which the server has to react. Default: 5,000. */
  readonly deadlineMs?: number;
}
