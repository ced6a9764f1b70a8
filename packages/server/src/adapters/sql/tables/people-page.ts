import type { Kysely } from 'kysely';
import type { Schema } from '../schema.js';

/** A page of those who belong to a network, as a statement takes it. */
export interface PageQuery {
  networkId: string;
  limit: number;
  at: number;
  id: string;
}

/** Nobody comes before the epoch. */
export const BEFORE_ALL = { at: -1, id: '' };

/** Whose names are shown: somebody of another tenant who has the same id is somebody else (A3.3). */
export function tenantOf(db: Kysely<Schema>, networkId: string) {
  return db.selectFrom('networks').select('networks.tenant_id').where('networks.id', '=', networkId);
}
