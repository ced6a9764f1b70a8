import { check, record, wrong } from '../support/rules.js';
import type { Engine } from './engine.js';
import type { Role, StoredNetwork } from './entities.js';
import { role as anyRole } from './world-rules.js';

/**
 * A user becomes a member of a network: the connections enter its room, then everybody hears of it (A3.2, A4.2). A member
 * stays what they are, and nobody hears anything.
 */
export function addMember(engine: Engine, networkId: string, userId: string, role?: Role): void {
  const network = engine.world.network(networkId);
  const { id } = engine.world.user(userId);
  const wanted = role === undefined ? undefined : check(role, anyRole, 'role');
  const current = network.members.get(id);
  if (current !== undefined && (wanted ?? current) !== current)
    throw wrong(`${id} is in ${networkId} already, as ${current}.`, 'Change the role with setRole().');
  if (current !== undefined) return;
  mustNotBeBanned(network, id);
  const given = wanted ?? 'member';
  network.members.set(id, given);
  const room = `network:${networkId}`;
  for (const connection of engine.connectionsOf(id)) connection.rooms.add(room);
  engine.publish(room, {
    type: 'member.joined',
    data: { network_id: networkId, user_id: id, role: given },
  });
}

export type Removal = { readonly kind: 'left' } | { readonly kind: 'kick' | 'ban'; readonly reason?: string };

/**
 * A user is a member no longer. The last thing their connections hear of the room is why (A4.2). Who never was one can be
 * banned all the same; a second ban is told to nobody.
 */
export function removeMember(engine: Engine, networkId: string, userId: string, removal: Removal): void {
  const network = engine.world.network(networkId);
  const { id } = engine.world.user(userId);
  const room = `network:${networkId}`;
  const who = { network_id: networkId, user_id: id };
  const reason = removal.kind !== 'left' && removal.reason !== undefined ? { reason: removal.reason } : {};
  const isMember = network.members.has(id);
  if (removal.kind !== 'ban') mustBeMember(network, id);
  if (removal.kind === 'kick') engine.publish(room, { type: 'admin.kick', data: { ...who, ...reason } });
  if (removal.kind === 'ban') {
    if (network.banned.has(id)) return;
    network.banned.add(id);
    engine.publish(room, { type: 'admin.ban', data: { ...who, ...reason } });
  }
  if (!isMember) return;
  engine.publish(room, { type: 'member.left', data: who });
  network.members.delete(id);
  for (const connection of engine.connectionsOf(id)) connection.rooms.delete(room);
}

/** Somebody asks to join: the owner and admins hear of it. Returns the id of the request. */
export function askToJoin(engine: Engine, networkId: string, userId: string): string {
  const network = engine.world.network(networkId);
  const { id } = engine.world.user(userId);
  mustNotBeBanned(network, id);
  if (network.members.has(id))
    throw wrong(`${id} is in ${networkId} already.`, 'Let somebody ask who is not.');
  const request_id = engine.world.nextId('req');
  engine.tell(
    { type: 'request.join.pending', data: { network_id: networkId, user_id: id, request_id } },
    ({ user }) => ['owner', 'admin'].includes(network.members.get(user.id) ?? ''),
  );
  return request_id;
}

/** A member's role changes; the contract has no event for it. */
export function setRole(engine: Engine, networkId: string, userId: string, role: Role): void {
  const network = engine.world.network(networkId);
  const { id } = engine.world.user(userId);
  mustBeMember(network, id);
  network.members.set(id, check(role, anyRole, 'role'));
}

/** Settings change, and the network hears of it. */
export function updateNetwork(
  engine: Engine,
  networkId: string,
  userId: string,
  properties: Readonly<Record<string, unknown>>,
): void {
  engine.world.network(networkId);
  check(properties, record, 'properties');
  const data = {
    network_id: networkId,
    changes: Object.keys(properties),
    updated_by: engine.world.user(userId).id,
    properties: { ...properties },
  };
  engine.publish(`network:${networkId}`, { type: 'net.updated', data });
}

function mustBeMember({ id, members }: StoredNetwork, userId: string): void {
  if (members.has(userId)) return;
  const known = [...members.keys()].join(', ') || 'nobody';
  throw wrong(`${userId} is not in ${id}.`, `Members are ${known}; add one with addMember().`);
}

/** A4.2. */
function mustNotBeBanned({ id, banned }: StoredNetwork, userId: string): void {
  if (banned.has(userId))
    throw wrong(`${userId} is banned from ${id}.`, 'Somebody who was kicked may come back.');
}
