import { findNetwork, networkRoom } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { NetworkOperations } from '../operations.js';
import { forbidden } from '../refusals.js';
import { remove } from './membership.js';

/** `POST …/leave`. Who is not in it has left already, and takes back the request to join, if there is one. */
export function leaveNetwork({ store, clock }: Dependencies): NetworkOperations['leave'] {
  return (actor, networkId) =>
    store.write(async (tx) => {
      await tx.log.lock(networkRoom(networkId));
      const { person } = await findNetwork(tx, actor, networkId);
      if (person.role === 'owner') {
        throw forbidden('owner', 'The owner cannot leave the network; delete it instead.');
      }
      if (person.role !== undefined) await remove(tx, networkId, actor.userId, clock.now());
      else await tx.members.requests.delete(networkId, actor.userId);
    });
}
