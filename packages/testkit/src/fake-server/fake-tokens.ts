import type { Clock } from '@goconnect/protocol/validators';
import type { StoredUser } from './entities.js';

/** What a token stands for. */
export interface TokenGrant {
  readonly userId: string;
  readonly family: string;
  /** Monotonic time of its end. */
  readonly expiresAt: number;
}

export interface IssuedPair {
  readonly access_token: string;
  readonly refresh_token: string;
  /** Seconds. */
  readonly expires_in: number;
}

interface RefreshGrant extends TokenGrant {
  spent?: { readonly opId: string; readonly at: number; readonly pair: IssuedPair };
}

export type AccessVerdict =
  | { readonly kind: 'valid'; readonly grant: TokenGrant }
  | { readonly kind: 'missing' | 'malformed' | 'invalid' | 'expired' | 'revoked' };

export type RefreshVerdict =
  | { readonly kind: 'pair'; readonly pair: IssuedPair; readonly grant: TokenGrant }
  | { readonly kind: 'invalid' }
  /** A spent token was used again: its family is revoked (A5.3). */
  | { readonly kind: 'reused'; readonly family: string };

const REFRESH_TTL_SECONDS = 7 * 86_400;
/** A lost ack is innocent for so long (A5.3). */
const INNOCENT_MS = 10_000;
const LIKE_A_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Tokens of the fake server. They look like JWTs, because clients read `exp - iat` from them, but nobody signs them:
 * the server knows the ones it gave out.
 */
export class FakeTokens {
  readonly #clock: Clock;
  readonly #access = new Map<string, TokenGrant>();
  readonly #refresh = new Map<string, RefreshGrant>();
  /** Families whose access tokens are good for nothing any more. */
  readonly #revoked = new Set<string>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(user: StoredUser, ttlSeconds: number, family = `family-${++this.#count}`): IssuedPair {
    const access = this.#write(user, 'access', ttlSeconds);
    const refresh = this.#write(user, 'refresh', REFRESH_TTL_SECONDS);
    const now = this.#clock.monotonic();
    this.#access.set(access, { userId: user.id, family, expiresAt: now + ttlSeconds * 1_000 });
    this.#refresh.set(refresh, { userId: user.id, family, expiresAt: now + REFRESH_TTL_SECONDS * 1_000 });
    return { access_token: access, refresh_token: refresh, expires_in: ttlSeconds };
  }

  verify(token: string | undefined): AccessVerdict {
    if (token === undefined || token === '') return { kind: 'missing' };
    const grant = this.#access.get(token);
    if (!grant) return { kind: LIKE_A_TOKEN.test(token) ? 'invalid' : 'malformed' };
    if (grant.expiresAt <= this.#clock.monotonic()) return { kind: 'expired' };
    return this.#revoked.has(grant.family) ? { kind: 'revoked' } : { kind: 'valid', grant };
  }

  refresh(token: string, subject: StoredUser, opId: string, ttlSeconds: number): RefreshVerdict {
    const grant = this.#refresh.get(token);
    const now = this.#clock.monotonic();
    if (!grant || grant.userId !== subject.id || grant.expiresAt <= now) return { kind: 'invalid' };
    if (grant.spent) {
      const { opId: spender, at, pair } = grant.spent;
      if (spender === opId && now - at <= INNOCENT_MS) return { kind: 'pair', pair, grant };
      this.revoke(grant.family);
      return { kind: 'reused', family: grant.family };
    }
    const pair = this.issue(subject, ttlSeconds, grant.family);
    grant.spent = { opId, at: now, pair };
    return { kind: 'pair', pair, grant: this.#access.get(pair.access_token) ?? grant };
  }

  /** Access tokens of a user, or of everybody, are expired from now on. */
  expire(userId?: string): void {
    for (const [token, grant] of this.#access) {
      if (userId === undefined || grant.userId === userId)
        this.#access.set(token, { ...grant, expiresAt: 0 });
    }
  }

  revoke(family: string): void {
    this.#revoked.add(family);
    for (const [token, grant] of this.#refresh) if (grant.family === family) this.#refresh.delete(token);
  }

  #write(user: StoredUser, type: 'access' | 'refresh', ttlSeconds: number): string {
    const iat = Math.floor(this.#clock.now() / 1_000);
    const claims = {
      user_id: user.id,
      tenant_id: user.tenantId,
      is_admin: user.isAdmin,
      is_moderator: user.isModerator,
      type,
      iat,
      exp: iat + ttlSeconds,
      jti: `fake-${++this.#count}`,
    };
    return [{ alg: 'none', typ: 'JWT' }, claims, 'fake'].map(base64url).join('.');
  }
}

function base64url(value: unknown): string {
  const text = JSON.stringify(value);
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}
