import type { TokenPair } from '../api/parse-entities.js';

export interface TokenKeeperOptions {
  /** The pair of a login, or just the refresh token that was kept over a reload. */
  readonly start: TokenPair | { readonly refreshToken: string };
  /** Exchanges a refresh token over HTTP. */
  readonly refresh: (refreshToken: string) => Promise<TokenPair>;
  /** Told the newest refresh token, so that it can be kept. */
  readonly onRefreshToken: (refreshToken: string) => void;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

/** An access token with less life than this left is not worth sending. */
const MARGIN_MS = 5_000;

/**
 * The one owner of the tokens. The SDK renews over the socket and reports here; HTTP calls take what is here, and renew
 * over HTTP only if it has run out. A refresh token works once (A5.3), so there is never more than one exchange on its way.
 * Life is counted from receipt: the clock of this machine may be wrong.
 */
export function createTokenKeeper({ start, refresh, onRefreshToken, now }: TokenKeeperOptions) {
  let refreshToken = start.refreshToken;
  let access: { readonly token: string; readonly endsAt: number } | undefined;
  let exchange: Promise<string> | undefined;

  function keep(pair: TokenPair): string {
    refreshToken = pair.refreshToken;
    access = { token: pair.accessToken, endsAt: now() + pair.expiresIn * 1000 };
    onRefreshToken(refreshToken);
    return pair.accessToken;
  }
  if ('accessToken' in start) keep(start);

  return {
    keep,
    refreshToken: () => refreshToken,
    /** Seconds that the access token still lives. */
    expiresIn: () => (access ? Math.max(0, (access.endsAt - now()) / 1000) : 0),
    /** A valid access token; `fresh` when the one before was refused. Rejects as `refresh` does. */
    async accessToken({ fresh = false } = {}): Promise<string> {
      if (exchange) return await exchange;
      if (!fresh && access && now() < access.endsAt - MARGIN_MS) return access.token;
      exchange = refresh(refreshToken)
        .then(keep)
        .finally(() => {
          exchange = undefined;
        });
      return await exchange;
    },
  };
}

export type TokenKeeper = ReturnType<typeof createTokenKeeper>;
