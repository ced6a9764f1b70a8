import type { Role } from './rights.js';

/** The things of the HTTP API, as this page uses them. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly isModerator: boolean;
}

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly visibility: 'public' | 'private';
  readonly joinPolicy: 'open' | 'approval' | 'invite';
}

export interface Member {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly presence: string;
}

export interface JoinRequest {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
}

/** Somebody who may not come back, with the reason, or ''. */
export interface Ban {
  readonly userId: string;
  readonly name: string;
  readonly reason: string;
}

/** A chat scope: `host`, or `network:<id>`. */
export type Scope = 'host' | `network:${string}`;

export const networkScope = (networkId: string): Scope => `network:${networkId}`;
/** The network of a scope; `undefined` for `host`. */
export const networkOf = (scope: string): string | undefined =>
  scope.startsWith('network:') ? scope.slice('network:'.length) : undefined;
