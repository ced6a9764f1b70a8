import type { Network } from '../../domain/entities.js';
import { holdNetwork, networkRoom } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { NetworkOperations } from '../operations.js';
import { departure } from './membership.js';

type Changes = Parameters<NetworkOperations['update']>[2];

/** How the properties of a network are called on the wire. */
const WIRE_NAMES = { name: 'name', visibility: 'visibility', joinPolicy: 'join_policy' } as const;
const PROPERTIES = ['name', 'visibility', 'joinPolicy'] as const;

/** `PATCH`: what really changed is told by `net.updated`; nothing changed, nothing told. */
export function updateNetwork({ store, clock }: Dependencies): NetworkOperations['update'] {
  return (actor, networkId, changes) =>
    store.write(async (tx) => {
      const { network } = await holdNetwork(tx, actor, networkId, 'patch');
      const properties = differing(network, changes);
      const changed = Object.keys(properties);
      if (changed.length === 0) return network;
      const now = clock.now();
      const updated: Network = { ...network, ...defined(changes), updatedAt: now };
      await tx.networks.update(updated);
      const data = { network_id: networkId, changes: changed, updated_by: actor.userId, properties };
      await tx.log.append(networkRoom(networkId), { type: 'net.updated', data }, now);
      return updated;
    });
}

/**
 * Everyone leaves, then nothing is left but the log, which says so to those who were away. In one unit of work, however
 * many they are (0015): there is no network half deleted.
 */
export function deleteNetwork({ store, clock }: Dependencies): NetworkOperations['delete'] {
  return (actor, networkId) =>
    store.write(async (tx) => {
      await holdNetwork(tx, actor, networkId, 'delete');
      const members = await tx.members.ofNetwork(networkId);
      await tx.networks.delete(networkId);
      const now = clock.now();
      const departures = members.map(({ userId }) => departure(networkId, userId));
      await tx.log.appendAll(networkRoom(networkId), departures, now);
    });
}

function differing(network: Network, changes: Changes): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  for (const property of PROPERTIES) {
    const value = changes[property];
    if (value !== undefined && value !== network[property]) properties[WIRE_NAMES[property]] = value;
  }
  return properties;
}

function defined({ name, visibility, joinPolicy }: Changes): Changes {
  return {
    ...(name !== undefined && { name }),
    ...(visibility !== undefined && { visibility }),
    ...(joinPolicy !== undefined && { joinPolicy }),
  };
}
