import type { Actor, Network } from '../../domain/entities.js';
import { mayActOn, PERSONAL_OPERATIONS, type Person, rankOf } from '../../domain/rights.js';
import type { Transaction } from '../../ports/store.js';
import { findNetwork, networkRoom, personIn } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { NetworkOperations } from '../operations.js';
import { forbidden, notFound } from '../refusals.js';
import { remove } from './membership.js';

type Removal = 'kick' | 'ban';

/** `POST …/kick`: `admin.kick`, then `member.left`. The user may join again. */
export function kickMember({ store, clock }: Dependencies): NetworkOperations['kick'] {
  return (actor, networkId, userId, reason) =>
    store.write(async (tx) => {
      const { target } = await face(tx, actor, networkId, userId, 'kick');
      if (target.role === undefined) throw notFound('Member');
      const now = clock.now();
      const data = { network_id: networkId, user_id: userId, ...(reason !== undefined && { reason }) };
      await tx.log.append(networkRoom(networkId), { type: 'admin.kick', data }, now);
      await remove(tx, networkId, userId, now);
    });
}

/**
 * `POST …/ban`: `admin.ban`, then `member.left` for a member. Whoever is banned cannot ask to join again, and neither can
 * somebody who never was a member. Banning again changes the reason and is told to nobody.
 */
export function banUser({ store, clock }: Dependencies): NetworkOperations['ban'] {
  return (actor, networkId, userId, reason) =>
    store.write(async (tx) => {
      const { network, target } = await face(tx, actor, networkId, userId, 'ban');
      const again = await tx.members.bans.has(networkId, userId);
      if (target.role === undefined && !again) await mustExist(tx, network, userId);
      const now = clock.now();
      const ban = { networkId, userId, bannedBy: actor.userId, reason: reason ?? null, bannedAt: now };
      await tx.members.bans.put(ban);
      await tx.members.requests.delete(networkId, userId);
      if (again) return;
      const data = { network_id: networkId, user_id: userId, ...(reason !== undefined && { reason }) };
      await tx.log.append(networkRoom(networkId), { type: 'admin.ban', data }, now);
      if (target.role !== undefined) await remove(tx, networkId, userId, now);
    });
}

/** The one who acts, and the one they act on. Throws unless the first may. */
async function face(
  tx: Transaction,
  actor: Actor,
  networkId: string,
  userId: string,
  operation: Removal,
): Promise<{ readonly network: Network; readonly target: Person }> {
  await tx.log.lock(networkRoom(networkId));
  const { network, person } = await findNetwork(tx, actor, networkId);
  if (rankOf(person) < PERSONAL_OPERATIONS[operation]) throw tooLow();
  const target = await personIn(tx, network, { userId });
  if (!mayActOn(person, operation, target)) throw tooLow();
  return { network, target };
}

/** Somebody of this tenant, or of another issuer with a request pending here. */
async function mustExist(tx: Transaction, network: Network, userId: string): Promise<void> {
  const user = await tx.users.get(userId);
  if (user?.tenantId === network.tenantId) return;
  if ((await tx.members.requests.get(network.id, userId)) === undefined) throw notFound('User');
}

function tooLow() {
  return forbidden('role', 'You may do this only to people whose role is lower than yours.');
}
