import type { Kysely } from 'kysely';
import type { Network } from '../../../domain/entities.js';
import type { NetworkTable, Page } from '../../../ports/store.js';
import type { NetworkRow, Schema } from '../schema.js';
import { statement } from '../statement.js';
import type { UnitOfWork } from '../unit-of-work.js';

interface ListQuery {
  tenantId: string;
  userId: string;
  after: string;
  limit: number;
}

/** Whose users are meant: somebody of another tenant who has the same id is somebody else (A3.3). */
export function tenantOf(db: Kysely<Schema>, networkId: string) {
  return db.selectFrom('networks').select('networks.tenant_id').where('networks.id', '=', networkId);
}

export function prepareNetworks(db: Kysely<Schema>): (unit: UnitOfWork) => NetworkTable {
  const byId = statement((of: { id: string }) =>
    db.selectFrom('networks').selectAll().where('id', '=', of.id),
  );
  const insert = statement((of: NetworkRow) =>
    db.insertInto('networks').values({
      id: of.id,
      tenant_id: of.tenant_id,
      name: of.name,
      visibility: of.visibility,
      join_policy: of.join_policy,
      created_by: of.created_by,
      created_at: of.created_at,
      updated_at: of.updated_at,
    }),
  );
  const update = statement((of: NetworkRow) =>
    db
      .updateTable('networks')
      .set({
        name: of.name,
        visibility: of.visibility,
        join_policy: of.join_policy,
        updated_at: of.updated_at,
      })
      .where('id', '=', of.id),
  );
  const remove = statement((of: { id: string }) => db.deleteFrom('networks').where('id', '=', of.id));
  const standing = prepareStanding(db);
  const lists = prepareLists(db);

  return (unit) => ({
    async get(id) {
      const row = await unit.first(byId, { id });
      return row && toNetwork(row);
    },
    async standing(networkId, userId) {
      const row = await unit.first(standing, { networkId, userId });
      if (row === undefined) return undefined;
      return {
        network: toNetwork(row),
        role: row.role ?? undefined,
        isAdmin: row.is_admin === 1,
        isModerator: row.is_moderator === 1,
      };
    },
    insert: async (network) => void (await unit.change(insert, toRow(network))),
    update: async (network) => void (await unit.change(update, toRow(network))),
    delete: async (id) => void (await unit.change(remove, { id })),
    async list({ tenantId, kind, userId }, page: Page) {
      // Every id is greater than the empty text.
      const query = { tenantId, userId, after: page.after ?? '', limit: page.limit };
      return (await unit.all(lists[kind], query)).map(toNetwork);
    },
  });
}

function prepareStanding(db: Kysely<Schema>) {
  return statement((of: { networkId: string; userId: string }) =>
    db
      .selectFrom('networks')
      .leftJoin('members', (join) =>
        join.onRef('members.network_id', '=', 'networks.id').on('members.user_id', '=', of.userId),
      )
      .leftJoin('users', (join) =>
        // A flag set in one tenant means nothing in another (A3.3).
        join.on('users.id', '=', of.userId).onRef('users.tenant_id', '=', 'networks.tenant_id'),
      )
      .selectAll('networks')
      .select(['members.role', 'users.is_admin', 'users.is_moderator'])
      .where('networks.id', '=', of.networkId),
  );
}

function prepareLists(db: Kysely<Schema>) {
  const some = (of: ListQuery) =>
    db
      .selectFrom('networks')
      .selectAll('networks')
      .where('tenant_id', '=', of.tenantId)
      .where('id', '>', of.after)
      .orderBy('id')
      .limit(of.limit);
  return {
    all: statement(some),
    public: statement((of: ListQuery) => some(of).where('visibility', '=', 'public')),
    mine: statement((of: ListQuery) =>
      some(of)
        .innerJoin('members', 'members.network_id', 'networks.id')
        .where('members.user_id', '=', of.userId),
    ),
  };
}

function toNetwork(row: NetworkRow): Network {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    visibility: row.visibility,
    joinPolicy: row.join_policy,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function toRow(network: Network): NetworkRow {
  return {
    id: network.id,
    tenant_id: network.tenantId,
    name: network.name,
    visibility: network.visibility,
    join_policy: network.joinPolicy,
    created_by: network.createdBy,
    created_at: network.createdAt,
    updated_at: network.updatedAt,
  };
}
