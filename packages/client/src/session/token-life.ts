/** An access token and, where the application has one, what to renew it with. */
export interface TokenPair {
  readonly accessToken: string;
  /** With it the client renews over the socket (`auth.refresh`) instead of asking again. */
  readonly refreshToken?: string | undefined;
  /** Seconds of life from now on. Without it the JWT's `exp - iat` counts. */
  readonly expiresIn?: number | undefined;
}

/** Times are monotonic ms. */
export interface TokenLife {
  /** From then on it is too old to dial with. */
  readonly staleAt: number;
  readonly expiresAt: number;
}

/** Renewed at a random point of this part of its life, so that clients which started together do not renew together. */
const RENEW_FROM = 0.7;
const RENEW_TO = 0.9;

/**
 * Life of a token in ms, from its receipt; undefined when nobody can know. Never `exp` against the local clock: clocks
 * of devices are wrong by hours.
 */
export function tokenLife({ accessToken, expiresIn }: TokenPair): number | undefined {
  if (expiresIn !== undefined) return expiresIn * 1_000;
  try {
    const payload = accessToken.split('.')[1] ?? '';
    const { exp, iat } = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/'))) as Record<
      string,
      unknown
    >;
    return typeof exp === 'number' && typeof iat === 'number' ? (exp - iat) * 1_000 : undefined;
  } catch {
    return undefined;
  }
}

/** Never sooner: an application that gives the same dying token again and again must not make us spin. */
const RENEW_FLOOR_MS = 1_000;
/** With less left than that: the server ends the connection if it means it, and else we do not make one a second. */
const RENEW_DEAD_MS = 10_000;

/** In how long a token with this life left is renewed. */
export function renewalPoint(leftMs: number, random: number): number {
  if (leftMs < RENEW_FLOOR_MS) return RENEW_DEAD_MS;
  return Math.max(RENEW_FLOOR_MS, leftMs * (RENEW_FROM + random * (RENEW_TO - RENEW_FROM)));
}

/** The life of a token that has `lifeMs` from now on; undefined when nobody knows. */
export function lifeFrom(now: number, lifeMs: number | undefined): TokenLife | undefined {
  return lifeMs === undefined ? undefined : { staleAt: now + lifeMs * RENEW_TO, expiresAt: now + lifeMs };
}
