import type { Kysely } from 'kysely';
import type { MemberTable } from '../../../ports/store.js';
import type { BanRow, Schema } from '../schema.js';
import { statement } from '../statement.js';
import type { UnitOfWork } from '../unit-of-work.js';
import { tenantOf } from './networks.js';

interface Pair {
  networkId: string;
  userId: string;
}

export function prepareBans(db: Kysely<Schema>): (unit: UnitOfWork) => MemberTable['bans'] {
  const byPair = statement((of: Pair) =>
    db
      .selectFrom('bans')
      .select('user_id')
      .where('network_id', '=', of.networkId)
      .where('user_id', '=', of.userId),
  );
  const put = statement((of: BanRow) =>
    db
      .insertInto('bans')
      .values({
        network_id: of.network_id,
        user_id: of.user_id,
        banned_by: of.banned_by,
        reason: of.reason,
        banned_at: of.banned_at,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['network_id', 'user_id'])
          .doUpdateSet({ banned_by: of.banned_by, reason: of.reason, banned_at: of.banned_at }),
      ),
  );
  const remove = statement((of: Pair) =>
    db.deleteFrom('bans').where('network_id', '=', of.networkId).where('user_id', '=', of.userId),
  );
  const ofNetwork = statement((of: { networkId: string; limit: number }) =>
    db
      .selectFrom('bans')
      .leftJoin('users', (join) =>
        join.onRef('users.id', '=', 'bans.user_id').on('users.tenant_id', '=', tenantOf(db, of.networkId)),
      )
      .select(['bans.network_id', 'bans.user_id', 'bans.reason', 'bans.banned_at', 'users.name'])
      .where('bans.network_id', '=', of.networkId)
      .orderBy('bans.banned_at', 'desc')
      .orderBy('bans.user_id')
      .limit(of.limit),
  );

  return (unit) => ({
    has: async (networkId, userId) => (await unit.first(byPair, { networkId, userId })) !== undefined,
    async put({ networkId, userId, bannedBy, reason, bannedAt }) {
      await unit.change(put, {
        network_id: networkId,
        user_id: userId,
        banned_by: bannedBy,
        reason,
        banned_at: bannedAt,
      });
    },
    delete: async (networkId, userId) => (await unit.change(remove, { networkId, userId })) > 0,
    async ofNetwork(networkId, limit) {
      const rows = await unit.all(ofNetwork, { networkId, limit });
      return rows.map((row) => ({
        networkId: row.network_id,
        userId: row.user_id,
        name: row.name ?? row.user_id,
        reason: row.reason,
        bannedAt: row.banned_at,
      }));
    },
  });
}
