import type { Dependencies } from '../dependencies.js';
import type { SessionOperations } from '../operations.js';
import { unauthorized } from '../refusals.js';
import { sha256 } from '../sha256.js';
import { closing } from './close-family.js';
import { isSubject } from './refresh-subject.js';

/** `POST /v1/auth/logout`. A token that nobody knows any more is logged out already. */
export function logout({ store, bus }: Dependencies): SessionOperations['logout'] {
  return async (actor, refreshToken) => {
    await closing(bus, 'logged out', (revoked) =>
      store.write(async (tx) => {
        const token = await tx.refreshTokens.get(sha256(refreshToken));
        revoked(undefined);
        if (token === undefined) return;
        if (!(await isSubject(tx, token, actor))) throw unauthorized('This refresh token is not yours.');
        await tx.refreshTokens.deleteFamily(token.familyId);
        revoked(token);
      }),
    );
  };
}
