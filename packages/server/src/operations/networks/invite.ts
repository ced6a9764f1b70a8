import { enterNetwork } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { NetworkOperations } from '../operations.js';
import { sha256 } from '../sha256.js';

/** A week: long enough for a mail to be read. */
const DEFAULT_EXPIRY_SECONDS = 7 * 24 * 3600;
/** One person, unless said otherwise. */
const DEFAULT_USES = 1;

/** `POST …/invites`. The token is shown here and never again: only its hash is stored. */
export function invite({ store, clock, ids }: Dependencies): NetworkOperations['invite'] {
  return (actor, networkId, { expiresInSeconds = DEFAULT_EXPIRY_SECONDS, uses = DEFAULT_USES }) =>
    store.write(async (tx) => {
      await enterNetwork(tx, actor, networkId, 'invite');
      const token = ids.secret();
      const expiresAt = clock.now() + expiresInSeconds * 1000;
      await tx.members.invites.insert({ tokenHash: sha256(token), networkId, expiresAt, usesLeft: uses });
      return { token, expiresAt, usesLeft: uses };
    });
}
