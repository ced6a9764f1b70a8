import type { RefreshToken, User } from '../../domain/entities.js';
import type { Dependencies } from '../dependencies.js';
import type { TokenPair } from '../operations.js';
import { sha256 } from '../sha256.js';

/** A new pair, and the row that makes its refresh token good once it is stored. */
export interface Issued {
  readonly pair: TokenPair;
  readonly row: RefreshToken;
}

/** Makes a pair for a login. Slow enough (a signature) to be done before the store is asked. */
export async function issuePair(deps: Dependencies, user: User, familyId: string): Promise<Issued> {
  const { tokens, ids, clock, settings } = deps;
  const { token, expiresIn } = await tokens.issue(user, familyId);
  const refreshToken = ids.secret();
  const row: RefreshToken = {
    tokenHash: sha256(refreshToken),
    familyId,
    userId: user.id,
    expiresAt: clock.now() + settings.refreshTokenTtlMs,
    spentAt: null,
    spentBy: null,
    sealedSuccessor: null,
  };
  return { pair: { accessToken: token, refreshToken, expiresIn }, row };
}
