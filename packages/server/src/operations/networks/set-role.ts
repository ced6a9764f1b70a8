import { mayGiveRole, PERSONAL_OPERATIONS, rankOf } from '../../domain/rights.js';
import { findNetwork, networkRoom, personIn } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { NetworkOperations } from '../operations.js';
import { forbidden, notFound } from '../refusals.js';

/**
 * `PUT …/members/:user_id/role`: the owner gives any role but their own, an admin those below admin. The contract has no
 * event for it, so `net.updated` tells, with `roles` among the changes.
 */
export function setRole({ store, clock }: Dependencies): NetworkOperations['setRole'] {
  return (actor, networkId, userId, role) =>
    store.write(async (tx) => {
      await tx.log.lock(networkRoom(networkId));
      const { network, person } = await findNetwork(tx, actor, networkId);
      if (rankOf(person) < PERSONAL_OPERATIONS.setRole) throw tooLow();
      const member = await tx.members.get(networkId, userId);
      if (member === undefined) throw notFound('Member');
      if (!mayGiveRole(person, await personIn(tx, network, { userId }), role)) throw tooLow();
      if (member.role === role) return member;
      const changed = { ...member, role };
      await tx.members.put(changed);
      const data = {
        network_id: networkId,
        changes: ['roles'],
        updated_by: actor.userId,
        properties: { roles: { [userId]: role } },
      };
      await tx.log.append(networkRoom(networkId), { type: 'net.updated', data }, clock.now());
      return changed;
    });
}

function tooLow() {
  return forbidden('role', 'You may give only roles below your own, and only to people below you.');
}
