import type { Kysely } from 'kysely';
import type { Schema } from '../schema.js';

/** Which server has the database. One row at most, and none on SQLite, where the file itself is locked. */
export async function whoServes(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('fence')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('server', 'text', (column) => column.notNull())
    .addColumn('before', 'text', (column) => column.notNull())
    .addColumn('origin', 'text')
    .execute();
}
