import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';

/** A network's room knows its tenant, and still does when the network is gone: the same user id may exist in several. */
export async function tenantsOfRooms(db: Kysely<Schema>): Promise<void> {
  await db.schema.alterTable('rooms').addColumn('tenant_id', 'text').execute();
  await sql`UPDATE rooms SET tenant_id = (SELECT networks.tenant_id FROM networks WHERE 'network:' || networks.id = rooms.room)`.execute(
    db,
  );
}
