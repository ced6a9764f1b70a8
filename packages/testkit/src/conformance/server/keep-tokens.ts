import type { ConformanceUser, TokenKeeper } from './server-target.js';
import { claimsOf } from './token-claims.js';

/** The server's clock may be ahead of this one, and the last request takes its time. */
const MARGIN_MS = 5_000;

type Again = (user: ConformanceUser) => Promise<ConformanceUser> | undefined;

/** Keeps the tokens of `users` alive by `again`, which is undefined for whom nobody can log in; `others` stay as they are. */
export function keepTokens(
  users: readonly ConformanceUser[],
  others: readonly ConformanceUser[],
  again: Again,
): TokenKeeper {
  const held = users.map((user) => ({ user, endsAt: endOf(user) }));
  // Ends of tokens that nobody can renew.
  const fixed = new Set(others.map(endOf));
  return {
    async renewed(ms) {
      for (const one of held) {
        if (one.endsAt - Date.now() >= ms) continue;
        const fresh = again(one.user);
        if (fresh) {
          one.user = await fresh;
          one.endsAt = endOf(one.user);
        } else fixed.add(one.endsAt);
      }
      return held.map(({ user }) => user);
    },
    ranOut: () => [...fixed].some((endsAt) => endsAt - Date.now() < MARGIN_MS),
  };
}

/** By this machine's clock, in milliseconds. */
function endOf({ token, expiresIn }: ConformanceUser): number {
  const now = Date.now();
  if (expiresIn !== undefined) return now + expiresIn * 1_000;
  const end = Number(claimsOf(token).exp) * 1_000;
  // One that is over before the start is refused by the preflight, or the clocks differ.
  return end > now ? end : Number.POSITIVE_INFINITY;
}
