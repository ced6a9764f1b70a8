import type { Actor } from '../../domain/entities.js';
import type { Transaction } from '../../ports/store.js';
import type { OperationSettings } from '../dependencies.js';
import { forbidden } from '../refusals.js';

/**
 * Refuses who is in as many networks as a user may be in: each of their connections enters them all, and one resume asks
 * for them all (B3.3). `by` is who is told of it.
 */
export async function mustHaveRoom(
  tx: Transaction,
  { userId, tenantId }: Actor,
  by: Actor,
  { maxNetworksPerUser }: OperationSettings,
): Promise<void> {
  await tx.members.holdUser(userId, tenantId);
  if ((await tx.members.countOfUser(userId, tenantId)) < maxNetworksPerUser) return;
  const text =
    userId === by.userId
      ? `You are in ${maxNetworksPerUser} networks, which is the most there may be. Leave one first.`
      : `This user is in ${maxNetworksPerUser} networks, which is the most there may be, and must leave one first.`;
  throw forbidden('too_many_networks', text);
}
