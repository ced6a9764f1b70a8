import type { Kysely } from 'kysely';
import type { Schema } from '../schema.js';

/** Members and join requests are read by page, whoever came first before the others. */
export async function peopleInOrder(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createIndex('members_in_order')
    .on('members')
    .columns(['network_id', 'joined_at', 'user_id'])
    .execute();
  await db.schema
    .createIndex('join_requests_in_order')
    .on('join_requests')
    .columns(['network_id', 'created_at', 'id'])
    .execute();
}
