import type { Kysely } from 'kysely';
import type { Schema } from '../schema.js';

/** In which life of PostgreSQL those who have the database looked at it, and in which its rooms began new epochs. */
export async function livesOfTheDatabase(db: Kysely<Schema>): Promise<void> {
  await db.schema.alterTable('fence').addColumn('life', 'text').execute();
  await db.schema.alterTable('fence').addColumn('renewed', 'text').execute();
}
