import type { Network } from '../../domain/entities.js';
import type { PeoplePage, Transaction } from '../../ports/store.js';
import { holdNetwork, networkRoom } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { NetworkOperations } from '../operations.js';
import { departure } from './membership.js';

/** Members read at once. */
const PAGE = 1_000;

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
      const departures = (await everyoneIn(tx, networkId)).map((userId) => departure(networkId, userId));
      await tx.networks.delete(networkId);
      await tx.log.appendAll(networkRoom(networkId), departures, clock.now());
    });
}

/** Ids of all members, read in pages: no single statement answers with a hundred thousand rows. */
async function everyoneIn(tx: Transaction, networkId: string): Promise<readonly string[]> {
  const userIds: string[] = [];
  for (let after: PeoplePage['after']; ; ) {
    const page = await tx.members.ofNetwork(networkId, { limit: PAGE, ...(after && { after }) });
    for (const { userId } of page) userIds.push(userId);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return userIds;
    after = { at: last.joinedAt, id: last.userId };
  }
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
