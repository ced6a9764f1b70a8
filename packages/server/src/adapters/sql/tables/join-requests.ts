import type { Kysely } from 'kysely';
import type { JoinRequest } from '../../../domain/entities.js';
import type { MemberTable } from '../../../ports/store.js';
import type { JoinRequestRow, Schema } from '../schema.js';
import { statement } from '../statement.js';
import type { UnitOfWork } from '../unit-of-work.js';
import { tenantOf } from './networks.js';
import { BEFORE_ALL, type PageQuery } from './people-page.js';

interface Pair {
  networkId: string;
  userId: string;
}

export function prepareJoinRequests(db: Kysely<Schema>): (unit: UnitOfWork) => MemberTable['requests'] {
  const byPair = statement((of: Pair) =>
    db
      .selectFrom('join_requests')
      .selectAll()
      .where('network_id', '=', of.networkId)
      .where('user_id', '=', of.userId),
  );
  const insert = statement((of: JoinRequestRow) =>
    db
      .insertInto('join_requests')
      .values({ id: of.id, network_id: of.network_id, user_id: of.user_id, created_at: of.created_at }),
  );
  const remove = statement((of: Pair) =>
    db.deleteFrom('join_requests').where('network_id', '=', of.networkId).where('user_id', '=', of.userId),
  );
  const ofNetwork = statement((of: PageQuery) =>
    db
      .selectFrom('join_requests')
      .leftJoin('users', (join) =>
        join
          .onRef('users.id', '=', 'join_requests.user_id')
          .on('users.tenant_id', '=', tenantOf(db, of.networkId)),
      )
      .selectAll('join_requests')
      .select('users.name')
      .where('join_requests.network_id', '=', of.networkId)
      .where('join_requests.created_at', '>=', of.at)
      .where(({ eb, or }) =>
        or([eb('join_requests.created_at', '>', of.at), eb('join_requests.id', '>', of.id)]),
      )
      .orderBy('join_requests.created_at')
      .orderBy('join_requests.id')
      .limit(of.limit),
  );

  return (unit) => ({
    async get(networkId, userId) {
      const row = await unit.first(byPair, { networkId, userId });
      return row && toJoinRequest(row);
    },
    async insert({ id, networkId, userId, createdAt }) {
      await unit.change(insert, { id, network_id: networkId, user_id: userId, created_at: createdAt });
    },
    delete: async (networkId, userId) => (await unit.change(remove, { networkId, userId })) > 0,
    async ofNetwork(networkId, { limit, after = BEFORE_ALL }) {
      const rows = await unit.all(ofNetwork, { networkId, limit, ...after });
      return rows.map((row) => ({ ...toJoinRequest(row), name: row.name ?? row.user_id }));
    },
  });
}

function toJoinRequest(row: JoinRequestRow): JoinRequest {
  return { id: row.id, networkId: row.network_id, userId: row.user_id, createdAt: row.created_at };
}
