import type { TokenPair } from '../api/parse-entities.js';

export interface TokenKeeperOptions {
  /** The pair of a login; absent when a login is taken up again. */
  readonly first?: TokenPair | undefined;
  /** Exchanges the refresh token, wherever that is kept. */
  readonly exchange: () => Promise<TokenPair>;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

/** An access token with less life than this left is not worth sending. */
const MARGIN_MS = 5_000;

/**
 * Holds the access token, in memory only. There is never more than one exchange on its way in this tab; between tabs the
 * vault sees to it. Life is counted from receipt: the clock of this machine may be wrong.
 */
export function createTokenKeeper({ first, exchange, now }: TokenKeeperOptions) {
  let access: { readonly token: string; readonly endsAt: number } | undefined;
  let pending: Promise<string> | undefined;

  function keep({ accessToken, expiresIn }: TokenPair): string {
    access = { token: accessToken, endsAt: now() + expiresIn * 1000 };
    return accessToken;
  }
  if (first) keep(first);

  return {
    /** Seconds that the access token still lives. */
    expiresIn: () => (access ? Math.max(0, (access.endsAt - now()) / 1000) : 0),
    /** The token in hand while it lives. */
    inHand: () => (access && now() < access.endsAt - MARGIN_MS ? access.token : undefined),
    /** A valid access token; `fresh` when the one before was refused. Rejects as `exchange` does. */
    async accessToken({ fresh = false } = {}): Promise<string> {
      if (pending) return await pending;
      if (!fresh && access && now() < access.endsAt - MARGIN_MS) return access.token;
      pending = exchange()
        .then(keep)
        .finally(() => {
          pending = undefined;
        });
      return await pending;
    },
  };
}

export type TokenKeeper = ReturnType<typeof createTokenKeeper>;
