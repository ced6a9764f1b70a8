import { holdNetwork } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { NetworkOperations } from '../operations.js';

/** `POST …/unban`. Whoever is not banned stays so; nobody becomes a member by it. */
export function liftBan({ store }: Dependencies): NetworkOperations['unban'] {
  return (actor, networkId, userId) =>
    store.write(async (tx) => {
      await holdNetwork(tx, actor, networkId, 'unban');
      await tx.members.bans.delete(networkId, userId);
    });
}
