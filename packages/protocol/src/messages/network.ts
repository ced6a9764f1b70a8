import { z } from 'zod';
import { LIMITS } from '../primitives/limits.js';
import { opaqueId } from './fields.js';

export const netUpdated = z.object({
  network_id: opaqueId,
  changes: z.array(z.string().max(64)).max(LIMITS.keysPerObject).default([]),
  updated_by: opaqueId.optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
});
