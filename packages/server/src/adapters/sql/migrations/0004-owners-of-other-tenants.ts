import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';

/** As `keyOwner` has it, and the tenant of everyone who registers, as both were when this was released. */
const BETWEEN = '\u001f';
const OWN_TENANT = 'default';

/**
 * What people of other tenants did is remembered as theirs. Which tenant that is, the message says which a reply names
 * first: in a network it is everybody's who may do something there (A3.3), in `host` its author's. Replies over HTTP are
 * sealed and say nothing.
 */
export async function ownersOfOtherTenants(db: Kysely<Schema>): Promise<void> {
  const messageId = sql`substr(operations.reply, 16, 30)`;
  await sql`UPDATE operations SET owner = messages.tenant_id || ${BETWEEN} || operations.owner FROM messages
    WHERE messages.id = ${messageId} AND messages.tenant_id <> ${OWN_TENANT}
    AND (messages.scope <> 'host' OR messages.user_id = operations.owner)`.execute(db);
}
