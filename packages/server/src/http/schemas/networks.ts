import { z } from 'zod';
import { cursor, id, joinPolicy, networkName, pageLimit, time, visibility } from './fields.js';

export const network = z
  .object({
    id,
    tenant_id: id,
    name: networkName,
    visibility,
    join_policy: joinPolicy,
    created_by: id,
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Network' });

export const newNetwork = z
  .object({ name: networkName, visibility, join_policy: joinPolicy })
  .meta({ id: 'NewNetwork' });

export const networkChanges = z
  .object({
    name: networkName.optional(),
    visibility: visibility.optional(),
    join_policy: joinPolicy.optional(),
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), {
    error: 'at least one of name, visibility, join_policy',
  })
  .meta({ id: 'NetworkChanges' });

export const networkList = z.object({
  visibility: z
    .enum(['public', 'mine', 'all'])
    .optional()
    .describe('`public` (when absent), `mine`: where one is a member, `all`: for deployment admins.'),
  limit: pageLimit,
  cursor,
});
