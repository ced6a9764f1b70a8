import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';

/** Everything of the first release. */
export async function firstTables(db: Kysely<Schema>): Promise<void> {
  await people(db);
  await networks(db);
  await chat(db);
  await logs(db);
}

async function people(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('email_key', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('is_admin', 'integer', (column) => column.notNull())
    .addColumn('is_moderator', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('refresh_tokens')
    .addColumn('token_hash', 'text', (column) => column.primaryKey().notNull())
    .addColumn('family_id', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('spent_at', 'bigint')
    .addColumn('spent_by', 'text')
    .addColumn('sealed_successor', 'text')
    .execute();
  await index(db, 'refresh_tokens', ['family_id']);
  await index(db, 'refresh_tokens', ['expires_at']);
  await db.schema
    .createIndex('refresh_tokens_sealed')
    .on('refresh_tokens')
    .column('spent_at')
    .where(sql<boolean>`sealed_successor is not null`)
    .execute();
}

async function networks(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('networks')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('visibility', 'text', (column) => column.notNull())
    .addColumn('join_policy', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await index(db, 'networks', ['tenant_id', 'id']);
  // No reference to users: a token of another issuer may name someone who has no row here.
  await ofNetwork(db, 'members')
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('joined_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('members_key', ['network_id', 'user_id'])
    .execute();
  await index(db, 'members', ['user_id']);
  await ofNetwork(db, 'join_requests')
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('join_requests_key', ['network_id', 'user_id'])
    .execute();
  await ofNetwork(db, 'bans')
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('banned_by', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('banned_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('bans_key', ['network_id', 'user_id'])
    .execute();
  await ofNetwork(db, 'invites')
    .addColumn('token_hash', 'text', (column) => column.primaryKey().notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('uses_left', 'integer', (column) => column.notNull())
    .execute();
  await index(db, 'invites', ['expires_at']);
}

async function chat(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('messages')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('attachments', 'text', (column) => column.notNull())
    .addColumn('redacted', 'integer', (column) => column.notNull())
    .addColumn('deleted_at', 'bigint')
    .addColumn('edited_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('messages_place', ['scope', 'seq'])
    .execute();
  await db.schema
    .createTable('message_edits')
    .addColumn('message_id', 'text', (column) =>
      column.notNull().references('messages.id').onDelete('cascade'),
    )
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('previous_body', 'text', (column) => column.notNull())
    .addColumn('change', 'text', (column) => column.notNull())
    .addColumn('changed_by', 'text', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('message_edits_key', ['message_id', 'seq'])
    .execute();
  await db.schema
    .createTable('message_tombstones')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .execute();
}

async function logs(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('rooms')
    .addColumn('room', 'text', (column) => column.primaryKey().notNull())
    .addColumn('epoch', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('room_events')
    .addColumn('room', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .addColumn('meta', 'text')
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('room_events_key', ['room', 'seq'])
    .execute();
  await index(db, 'room_events', ['at']);
  await db.schema
    .createTable('operations')
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('op_id', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('reply', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('operations_key', ['owner', 'op_id'])
    .execute();
  await index(db, 'operations', ['at']);
}

function ofNetwork(db: Kysely<Schema>, table: string) {
  return db.schema
    .createTable(table)
    .addColumn('network_id', 'text', (column) =>
      column.notNull().references('networks.id').onDelete('cascade'),
    );
}

async function index(db: Kysely<Schema>, table: string, columns: string[]): Promise<void> {
  await db.schema
    .createIndex(`${table}_by_${columns.join('_')}`)
    .on(table)
    .columns(columns)
    .execute();
}
