import type { ExpressionBuilder, Kysely } from 'kysely';
import type { Membership } from '../../../domain/entities.js';
import type { MemberTable } from '../../../ports/store.js';
import type { MemberRow, Schema } from '../schema.js';
import { statement } from '../statement.js';
import type { UnitOfWork } from '../unit-of-work.js';
import { prepareBans } from './bans.js';
import { prepareInvites } from './invites.js';
import { prepareJoinRequests } from './join-requests.js';
import { tenantOf } from './networks.js';
import { BEFORE_ALL, type PageQuery } from './people-page.js';
import { prepareUserHold } from './user-hold.js';

interface Pair {
  networkId: string;
  userId: string;
}

export function prepareMembers(db: Kysely<Schema>, shared: boolean): (unit: UnitOfWork) => MemberTable {
  const byPair = statement((of: Pair) =>
    db
      .selectFrom('members')
      .selectAll()
      .where('network_id', '=', of.networkId)
      .where('user_id', '=', of.userId),
  );
  const put = statement((of: MemberRow) =>
    db
      .insertInto('members')
      .values({ network_id: of.network_id, user_id: of.user_id, role: of.role, joined_at: of.joined_at })
      .onConflict((conflict) => conflict.columns(['network_id', 'user_id']).doUpdateSet({ role: of.role })),
  );
  const remove = statement((of: Pair) =>
    db.deleteFrom('members').where('network_id', '=', of.networkId).where('user_id', '=', of.userId),
  );
  const { ofNetwork, count, ofUser, countOfUser, staff } = prepareLists(db);
  const holdUser = shared ? prepareUserHold(db) : undefined;
  const requests = prepareJoinRequests(db);
  const bans = prepareBans(db);
  const invites = prepareInvites(db);

  return (unit) => ({
    async get(networkId, userId) {
      const row = await unit.first(byPair, { networkId, userId });
      return row && toMembership(row);
    },
    async put({ networkId, userId, role, joinedAt }) {
      await unit.change(put, { network_id: networkId, user_id: userId, role, joined_at: joinedAt });
    },
    delete: async (networkId, userId) => (await unit.change(remove, { networkId, userId })) > 0,
    async ofNetwork(networkId, { limit, after = BEFORE_ALL }) {
      const rows = await unit.all(ofNetwork, { networkId, limit, ...after });
      // Someone whom only a token of another issuer knows has no name here.
      return rows.map((row) => ({ ...toMembership(row), name: row.name ?? row.user_id }));
    },
    count: async (networkId) => Number((await unit.first(count, { networkId }))?.members ?? 0),
    ofUser: async (userId, tenantId) => (await unit.all(ofUser, { userId, tenantId })).map(toMembership),
    holdUser: async (userId, tenantId) => await holdUser?.(unit, `${tenantId} ${userId}`),
    countOfUser: async (userId, tenantId) =>
      Number((await unit.first(countOfUser, { userId, tenantId }))?.networks ?? 0),
    staff: async (networkId) => (await unit.all(staff, { networkId })).map((row) => row.user_id),
    requests: requests(unit),
    bans: bans(unit),
    invites: invites(unit),
  });
}

function prepareLists(db: Kysely<Schema>) {
  return {
    ofNetwork: statement((of: PageQuery) =>
      db
        .selectFrom('members')
        .leftJoin('users', (join) =>
          join
            .onRef('users.id', '=', 'members.user_id')
            .on('users.tenant_id', '=', tenantOf(db, of.networkId)),
        )
        .selectAll('members')
        .select('users.name')
        .where('network_id', '=', of.networkId)
        // The first of both is for the index, which knows nothing of "or".
        .where('joined_at', '>=', of.at)
        .where(({ eb, or }) => or([eb('joined_at', '>', of.at), eb('user_id', '>', of.id)]))
        .orderBy('joined_at')
        .orderBy('user_id')
        .limit(of.limit),
    ),
    count: statement((of: { networkId: string }) =>
      db
        .selectFrom('members')
        .select(({ fn }) => fn.countAll().as('members'))
        .where('network_id', '=', of.networkId),
    ),
    ofUser: statement((of: { userId: string; tenantId: string }) =>
      db
        .selectFrom('members')
        .selectAll()
        .where('user_id', '=', of.userId)
        .where(tenantOfMembership, '=', of.tenantId)
        .orderBy('network_id'),
    ),
    countOfUser: statement((of: { userId: string; tenantId: string }) =>
      db
        .selectFrom('members')
        .select(({ fn }) => fn.countAll().as('networks'))
        .where('user_id', '=', of.userId)
        .where(tenantOfMembership, '=', of.tenantId),
    ),
    staff: statement((of: { networkId: string }) =>
      db
        .selectFrom('members')
        .select('user_id')
        .where('network_id', '=', of.networkId)
        .where('role', 'in', ['owner', 'admin'])
        .orderBy('user_id'),
    ),
  };
}

/** Looked up for each membership of a user: for a join SQLite goes through all networks of the tenant. */
function tenantOfMembership({ selectFrom }: ExpressionBuilder<Schema, 'members'>) {
  return selectFrom('networks').select('tenant_id').whereRef('networks.id', '=', 'members.network_id');
}

function toMembership(row: MemberRow): Membership {
  return { networkId: row.network_id, userId: row.user_id, role: row.role, joinedAt: row.joined_at };
}
