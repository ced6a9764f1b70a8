import { enterNetwork, findNetwork, personInHost } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { NetworkOperations } from '../operations.js';
import { forbidden } from '../refusals.js';
import { readPage } from './people-page.js';

type Reads = Pick<NetworkOperations, 'get' | 'list' | 'members' | 'countMembers' | 'requests' | 'bans'>;

/** Bans that are listed. Whoever looks for an older one knows the user's id. */
const BANS_LISTED = 100;

export function readNetworks({ store }: Pick<Dependencies, 'store'>): Reads {
  return {
    get: (actor, networkId) => store.read(async (tx) => (await findNetwork(tx, actor, networkId)).network),

    list: (actor, kind, { limit, cursor }) =>
      store.read(async (tx) => {
        const { userId, tenantId } = actor;
        if (kind === 'all' && !(await personInHost(tx, actor)).isAdmin) {
          throw forbidden('role', 'Only administrators of the deployment may list all networks.');
        }
        // One more than asked for tells whether there is another page.
        const page = { limit: limit + 1, ...(cursor !== undefined && { after: cursor }) };
        const found = await tx.networks.list({ tenantId, kind, userId }, page);
        const networks = found.slice(0, limit);
        return { networks, nextCursor: found.length > limit ? (networks.at(-1)?.id ?? null) : null };
      }),

    members: (actor, networkId, page) =>
      store.read(async (tx) => {
        await enterNetwork(tx, actor, networkId, 'read');
        const { items: members, nextCursor } = await readPage(
          page,
          (some) => tx.members.ofNetwork(networkId, some),
          ({ joinedAt, userId }) => ({ at: joinedAt, id: userId }),
        );
        return { members, nextCursor };
      }),

    countMembers: (actor, networkId) =>
      store.read(async (tx) => {
        await enterNetwork(tx, actor, networkId, 'read');
        return await tx.members.count(networkId);
      }),

    requests: (actor, networkId, page) =>
      store.read(async (tx) => {
        await enterNetwork(tx, actor, networkId, 'readRequests');
        const { items: requests, nextCursor } = await readPage(
          page,
          (some) => tx.members.requests.ofNetwork(networkId, some),
          ({ createdAt, id }) => ({ at: createdAt, id }),
        );
        return { requests, nextCursor };
      }),

    bans: (actor, networkId) =>
      store.read(async (tx) => {
        await enterNetwork(tx, actor, networkId, 'unban');
        return await tx.members.bans.ofNetwork(networkId, BANS_LISTED);
      }),
  };
}
