import type { Actor } from '../domain/entities.js';

/** No user id and no tenant's id has it (A5.1), and PostgreSQL stores it, which it does not do with NUL. */
const BETWEEN = '\u001f';

/**
 * Whose an idempotency key is: a user's within a tenant (A3.3, B4.1). Somebody of this server's own tenant goes by the id
 * alone, as everybody once did, so that what a database remembers stays theirs.
 */
export function keyOwner({ userId, tenantId }: Actor, ownTenantId: string): string {
  return tenantId === ownTenantId ? userId : `${tenantId}${BETWEEN}${userId}`;
}
