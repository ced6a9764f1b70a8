import { CLOSE_CODES } from '@goconnect/protocol';
import type { Dependencies } from '../dependencies.js';
import type { SessionOperations } from '../operations.js';
import { unauthorized } from '../refusals.js';
import { sha256 } from '../sha256.js';

/** `POST /v1/auth/logout`. A token that nobody knows any more is logged out already. */
export function logout({ store, bus }: Dependencies): SessionOperations['logout'] {
  return async (actor, refreshToken) => {
    const familyId = await store.write(async (tx) => {
      const token = await tx.refreshTokens.get(sha256(refreshToken));
      if (token === undefined) return undefined;
      if (token.userId !== actor.userId) throw unauthorized('This refresh token is not yours.');
      await tx.refreshTokens.deleteFamily(token.familyId);
      return token.familyId;
    });
    if (familyId === undefined) return;
    const { userId } = actor;
    bus.publish([
      { kind: 'disconnect', userId, familyId, code: CLOSE_CODES.token_expired, reason: 'logged out' },
    ]);
  };
}
