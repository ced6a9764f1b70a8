import type { Engine } from './engine.js';
import type { Role } from './entities.js';

/** A user becomes a member of a network: the connections enter its room, then everybody hears of it (A3.2, A4.2). */
export function addMember(engine: Engine, networkId: string, userId: string, role: Role = 'member'): void {
  const network = engine.world.network(networkId);
  engine.world.user(userId);
  network.members.set(userId, role);
  const room = `network:${networkId}`;
  for (const connection of engine.connectionsOf(userId)) connection.rooms.add(room);
  engine.publish(room, { type: 'member.joined', data: { network_id: networkId, user_id: userId, role } });
}

export type Removal = { readonly kind: 'left' } | { readonly kind: 'kick' | 'ban'; readonly reason?: string };

/** A user is a member no longer. The last thing their connections hear of the room is why (A4.2). */
export function removeMember(engine: Engine, networkId: string, userId: string, removal: Removal): void {
  const network = engine.world.network(networkId);
  const room = `network:${networkId}`;
  const who = { network_id: networkId, user_id: userId };
  if (removal.kind === 'ban') network.banned.add(userId);
  if (removal.kind !== 'left') {
    const type = removal.kind === 'kick' ? 'admin.kick' : 'admin.ban';
    engine.publish(room, {
      type,
      data: { ...who, ...(removal.reason !== undefined && { reason: removal.reason }) },
    });
  }
  engine.publish(room, { type: 'member.left', data: who });
  network.members.delete(userId);
  for (const connection of engine.connectionsOf(userId)) connection.rooms.delete(room);
}

/** Somebody asks to join: the owner and admins hear of it. Returns the id of the request. */
export function askToJoin(engine: Engine, networkId: string, userId: string): string {
  const { members } = engine.world.network(networkId);
  const request_id = engine.world.nextId('req');
  engine.tell(
    { type: 'request.join.pending', data: { network_id: networkId, user_id: userId, request_id } },
    ({ user }) => ['owner', 'admin'].includes(members.get(user.id) ?? ''),
  );
  return request_id;
}

/** A member's role changes; the contract has no event for it. */
export function setRole(engine: Engine, networkId: string, userId: string, role: Role): void {
  engine.world.network(networkId).members.set(engine.world.user(userId).id, role);
}

/** Settings change, and the network hears of it. */
export function updateNetwork(
  engine: Engine,
  networkId: string,
  userId: string,
  properties: Readonly<Record<string, unknown>>,
): void {
  engine.world.network(networkId);
  const data = {
    network_id: networkId,
    changes: Object.keys(properties),
    updated_by: userId,
    properties: { ...properties },
  };
  engine.publish(`network:${networkId}`, { type: 'net.updated', data });
}
