import type { EventBody, Membership } from '../../domain/entities.js';
import type { Transaction } from '../../ports/store.js';
import { networkRoom } from '../access.js';

/** Makes someone a member; the log's entry is what puts their connections into the room. */
export async function enrol(tx: Transaction, membership: Membership): Promise<Membership> {
  const { networkId, userId, role, joinedAt } = membership;
  await tx.members.put(membership);
  await tx.members.requests.delete(networkId, userId);
  const data = { network_id: networkId, user_id: userId, role };
  await tx.log.append(networkRoom(networkId), { type: 'member.joined', data }, joinedAt);
  return membership;
}

/** Ends a membership; after the log's entry nothing of the room reaches that user (A4.2). */
export async function remove(tx: Transaction, networkId: string, userId: string, at: number): Promise<void> {
  await tx.members.delete(networkId, userId);
  await tx.log.append(networkRoom(networkId), departure(networkId, userId), at);
}

export function departure(networkId: string, userId: string): EventBody {
  return { type: 'member.left', data: { network_id: networkId, user_id: userId } };
}
