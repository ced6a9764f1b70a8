import { mayGiveRole, PERSONAL_OPERATIONS, rankOf } from '../../domain/rights.js';
import { findNetwork, networkRoom, personIn } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { NetworkOperations } from '../operations.js';
import { forbidden, notFound } from '../refusals.js';

/** `PUT …/members/:user_id/role`: the owner gives any role but their own, an admin those below admin. */
export function setRole({ store }: Dependencies): NetworkOperations['setRole'] {
  return (actor, networkId, userId, role) =>
    store.write(async (tx) => {
      await tx.log.lock(networkRoom(networkId));
      const { network, person } = await findNetwork(tx, actor, networkId);
      if (rankOf(person) < PERSONAL_OPERATIONS.setRole) throw tooLow();
      const member = await tx.members.get(networkId, userId);
      if (member === undefined) throw notFound('Member');
      if (!mayGiveRole(person, await personIn(tx, network, userId), role)) throw tooLow();
      const changed = { ...member, role };
      await tx.members.put(changed);
      return changed;
    });
}

function tooLow() {
  return forbidden('role', 'You may give only roles below your own, and only to people below you.');
}
