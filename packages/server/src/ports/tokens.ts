import type { Actor } from '../domain/entities.js';

/** Who a valid access token says its bearer is. */
export interface Identity extends Actor {
  /** The login this token descends from; undefined for tokens of another issuer. */
  readonly familyId?: string;
  /** Milliseconds the token is still good for, measured at verification: until its end, or what is left of the skew (A5.1). */
  readonly expiresInMs: number;
}

export type TokenFault = 'missing' | 'malformed' | 'expired' | 'invalid';

export type Verification =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly fault: TokenFault };

/**
 * The keys could not be had: nobody's token is at fault, so nobody may be told to stay away. It has a `cause` where a
 * look-up failed, and none where the last one was a moment ago: whoever makes up key ids comes to that.
 */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** When to show the token again then. */
export const KEYS_RETRY_MS = 5_000;

/** Checks and makes access tokens (A5.1). Neither MUST put a token into an error or a log. */
export interface AccessTokens {
  /** MUST reject with `KeysUnavailable` where the token cannot be judged for want of keys. */
  verify(token: string): Promise<Verification>;
  /** Makes a token for a user; `expiresIn` in seconds. */
  issue(
    user: {
      readonly id: string;
      readonly tenantId: string;
      readonly isAdmin: boolean;
      readonly isModerator: boolean;
    },
    familyId: string,
  ): Promise<{ readonly token: string; readonly expiresIn: number }>;
}

/** Hashes passwords, slowly on purpose. */
export interface Passwords {
  hash(password: string): Promise<string>;
  verify(password: string, hash: string): Promise<boolean>;
}
