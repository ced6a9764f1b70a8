import type { Kysely } from 'kysely';
import type { User } from '../../../domain/entities.js';
import type { UserTable } from '../../../ports/store.js';
import type { Schema, UserRow } from '../schema.js';
import { statement } from '../statement.js';
import type { UnitOfWork } from '../unit-of-work.js';

export function prepareUsers(db: Kysely<Schema>): (unit: UnitOfWork) => UserTable {
  const byId = statement((of: { id: string }) => db.selectFrom('users').selectAll().where('id', '=', of.id));
  const byEmail = statement((of: { key: string }) =>
    db.selectFrom('users').selectAll().where('email_key', '=', of.key),
  );
  const insert = statement((of: UserRow) =>
    db
      .insertInto('users')
      .values({
        id: of.id,
        tenant_id: of.tenant_id,
        email: of.email,
        email_key: of.email_key,
        name: of.name,
        password_hash: of.password_hash,
        is_admin: of.is_admin,
        is_moderator: of.is_moderator,
        created_at: of.created_at,
      })
      .onConflict((conflict) => conflict.column('email_key').doNothing()),
  );

  return (unit) => ({
    async get(id) {
      const row = await unit.first(byId, { id });
      return row && toUser(row);
    },
    async withPassword(email) {
      const row = await unit.first(byEmail, { key: emailKey(email) });
      return row && { user: toUser(row), passwordHash: row.password_hash };
    },
    async insert(user, passwordHash) {
      const row: UserRow = {
        id: user.id,
        tenant_id: user.tenantId,
        email: user.email,
        email_key: emailKey(user.email),
        name: user.name,
        password_hash: passwordHash,
        is_admin: user.isAdmin ? 1 : 0,
        is_moderator: user.isModerator ? 1 : 0,
        created_at: user.createdAt,
      };
      return (await unit.change(insert, row)) === 1;
    },
  });
}

function emailKey(email: string): string {
  return email.normalize('NFC').toLowerCase();
}

function toUser(row: UserRow): User {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    email: row.email,
    name: row.name,
    isAdmin: row.is_admin === 1,
    isModerator: row.is_moderator === 1,
    createdAt: row.created_at,
  };
}
