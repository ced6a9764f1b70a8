import type { Network } from '../../domain/entities.js';
import type { Dependencies } from '../dependencies.js';
import type { NetworkOperations } from '../operations.js';
import { enrol } from './membership.js';
import { mustHaveRoom } from './room-for-one-more.js';

/** The creator is the owner and enters the room like everyone who joins: by its first entry. */
export function createNetwork({ store, clock, ids, settings }: Dependencies): NetworkOperations['create'] {
  return (actor, { name, visibility, joinPolicy }) =>
    store.write(async (tx) => {
      await mustHaveRoom(tx, actor, actor, settings);
      const now = clock.now();
      const network: Network = {
        id: ids.next('net'),
        tenantId: actor.tenantId,
        name,
        visibility,
        joinPolicy,
        createdBy: actor.userId,
        createdAt: now,
        updatedAt: now,
      };
      await tx.networks.insert(network);
      await enrol(tx, { networkId: network.id, userId: actor.userId, role: 'owner', joinedAt: now });
      return network;
    });
}
