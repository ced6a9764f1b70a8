import type { Actor } from '../domain/entities.js';

/** The same id may exist in several tenants, and is somebody else in each (A3.3). The id of a tenant has no space. */
export function userKey({ tenantId, userId }: Actor): string {
  return `${tenantId} ${userId}`;
}
