import type { Network } from '../../../domain/entities.js';
import type { MemberTable, NetworkTable, PeoplePage } from '../../../ports/store.js';
import { type Journal, keyOf, type Rows } from '../journal.js';
import type { MemoryMedium } from '../memory-medium.js';
import type { MemoryUnit } from '../memory-unit.js';

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export function networkTable(medium: MemoryMedium, unit: MemoryUnit): NetworkTable {
  const { networks, members, users } = medium;
  const isListed = (
    { id, tenantId, visibility }: Network,
    { kind, userId, ...of }: Parameters<NetworkTable['list']>[0],
  ) =>
    tenantId === of.tenantId &&
    (kind === 'all' ||
      (kind === 'public' ? visibility === 'public' : members.get(keyOf(id, userId)) !== undefined));
  return {
    async get(id) {
      unit.mayRead();
      return networks.get(id);
    },
    async standing(networkId, userId) {
      unit.mayRead();
      const network = networks.get(networkId);
      if (!network) return undefined;
      const user = users.get(userId)?.user;
      // A flag set in one tenant means nothing in another (A3.3).
      const flags = user?.tenantId === network.tenantId ? user : { isAdmin: false, isModerator: false };
      const { isAdmin, isModerator } = flags;
      return { network, role: members.get(keyOf(networkId, userId))?.role, isAdmin, isModerator };
    },
    async insert(network) {
      const journal = unit.mayChange();
      if (networks.get(network.id)) throw new Error(`network ${network.id} exists`);
      networks.put(journal, network.id, network);
    },
    async update(network) {
      const journal = unit.mayChange();
      if (networks.get(network.id)) networks.put(journal, network.id, network);
    },
    async delete(id) {
      const journal = unit.mayChange();
      networks.remove(journal, id);
      removeOf(journal, medium.members, id);
      removeOf(journal, medium.requests, id);
      removeOf(journal, medium.bans, id);
      removeOf(journal, medium.invites, id);
    },
    async list(filter, { limit, after = '' }) {
      unit.mayRead();
      const found = [...networks.values()].filter(
        (network) => network.id > after && isListed(network, filter),
      );
      return found.sort((a, b) => byText(a.id, b.id)).slice(0, limit);
    },
  };
}

function removeOf<V extends { readonly networkId: string }>(
  journal: Journal,
  rows: Rows<V>,
  networkId: string,
): void {
  rows.trim(
    journal,
    (row) => row.networkId === networkId,
    () => 0,
    Number.POSITIVE_INFINITY,
  );
}

export function memberTable(medium: MemoryMedium, unit: MemoryUnit): MemberTable {
  const { members, networks } = medium;
  const ofUser = (userId: string, tenantId: string) =>
    [...members.values()].filter(
      (member) => member.userId === userId && networks.get(member.networkId)?.tenantId === tenantId,
    );
  const of = (networkId: string) => [...members.values()].filter((member) => member.networkId === networkId);
  return {
    async get(networkId, userId) {
      unit.mayRead();
      return members.get(keyOf(networkId, userId));
    },
    async put(membership) {
      const journal = unit.mayChange();
      const { networkId, userId, role } = membership;
      if (!networks.get(networkId)) throw new Error(`network ${networkId} does not exist`);
      const before = members.get(keyOf(networkId, userId));
      members.put(journal, keyOf(networkId, userId), before ? { ...before, role } : membership);
    },
    delete: async (networkId, userId) => members.remove(unit.mayChange(), keyOf(networkId, userId)),
    async ofNetwork(networkId, page) {
      unit.mayRead();
      const found = pageOf(of(networkId), page, ({ joinedAt, userId }) => ({ at: joinedAt, id: userId }));
      return found.map((member) => ({
        ...member,
        name: nameOf(medium, member),
      }));
    },
    async count(networkId) {
      unit.mayRead();
      return of(networkId).length;
    },
    async ofUser(userId, tenantId) {
      unit.mayRead();
      return ofUser(userId, tenantId).sort((a, b) => byText(a.networkId, b.networkId));
    },
    // There is one process only.
    holdUser: async () => void unit.mayChange(),
    async countOfUser(userId, tenantId) {
      unit.mayRead();
      return ofUser(userId, tenantId).length;
    },
    async staff(networkId) {
      unit.mayRead();
      const staff = of(networkId).filter(({ role }) => role === 'owner' || role === 'admin');
      return staff.map(({ userId }) => userId).sort(byText);
    },
    requests: requestTable(medium, unit),
    bans: banTable(medium, unit),
    invites: inviteTable(medium, unit),
  };
}

function pageOf<T>(
  all: readonly T[],
  { limit, after }: PeoplePage,
  placeOf: (one: T) => NonNullable<PeoplePage['after']>,
): readonly T[] {
  const order = (a: NonNullable<PeoplePage['after']>, b: NonNullable<PeoplePage['after']>) =>
    a.at - b.at || byText(a.id, b.id);
  const rest = all.filter((one) => after === undefined || order(placeOf(one), after) > 0);
  return rest.sort((a, b) => order(placeOf(a), placeOf(b))).slice(0, limit);
}

/** Someone whom only a token of another issuer knows has no name here. */
function nameOf(
  { networks, users }: MemoryMedium,
  { networkId, userId }: { readonly networkId: string; readonly userId: string },
): string {
  const user = users.get(userId)?.user;
  return user && user.tenantId === networks.get(networkId)?.tenantId ? user.name : userId;
}

function requestTable(medium: MemoryMedium, unit: MemoryUnit): MemberTable['requests'] {
  const { requests } = medium;
  return {
    async get(networkId, userId) {
      unit.mayRead();
      return requests.get(keyOf(networkId, userId));
    },
    async insert(request) {
      const journal = unit.mayChange();
      const key = keyOf(request.networkId, request.userId);
      if (requests.get(key)) throw new Error('this user has asked already');
      requests.put(journal, key, request);
    },
    delete: async (networkId, userId) => requests.remove(unit.mayChange(), keyOf(networkId, userId)),
    async ofNetwork(networkId, page) {
      unit.mayRead();
      const all = [...requests.values()].filter((request) => request.networkId === networkId);
      const found = pageOf(all, page, ({ createdAt, id }) => ({ at: createdAt, id }));
      return found.map((request) => ({ ...request, name: nameOf(medium, request) }));
    },
  };
}

function banTable(medium: MemoryMedium, unit: MemoryUnit): MemberTable['bans'] {
  const { bans } = medium;
  return {
    async has(networkId, userId) {
      unit.mayRead();
      return bans.get(keyOf(networkId, userId)) !== undefined;
    },
    put: async (ban) => bans.put(unit.mayChange(), keyOf(ban.networkId, ban.userId), ban),
    delete: async (networkId, userId) => bans.remove(unit.mayChange(), keyOf(networkId, userId)),
    async ofNetwork(networkId, limit) {
      unit.mayRead();
      const found = [...bans.values()].filter((ban) => ban.networkId === networkId);
      found.sort((a, b) => b.bannedAt - a.bannedAt || byText(a.userId, b.userId));
      return found.slice(0, limit).map(({ userId, reason, bannedAt }) => ({
        networkId,
        userId,
        name: nameOf(medium, { networkId, userId }),
        reason,
        bannedAt,
      }));
    },
  };
}

function inviteTable({ invites }: MemoryMedium, unit: MemoryUnit): MemberTable['invites'] {
  return {
    insert: async (invite) => invites.put(unit.mayChange(), invite.tokenHash, invite),
    async use(tokenHash, networkId, now) {
      const journal = unit.mayChange();
      const invite = invites.get(tokenHash);
      if (invite?.networkId !== networkId || invite.expiresAt <= now || invite.usesLeft <= 0)
        return undefined;
      const used = { ...invite, usesLeft: invite.usesLeft - 1 };
      invites.put(journal, tokenHash, used);
      return used;
    },
    trim: async (before, limit) =>
      invites.trim(
        unit.mayChange(),
        ({ expiresAt }) => expiresAt < before,
        ({ expiresAt }) => expiresAt,
        limit,
      ),
  };
}
