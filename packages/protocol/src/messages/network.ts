import { z } from 'zod';
import { LIMITS } from '../primitives/limits.js';
import { opaqueId, prose } from './fields.js';

export const netUpdated = z
  .object({
    network_id: opaqueId,
    changes: z
      .array(prose)
      .max(LIMITS.keysPerObject)
      .default([])
      .describe('Names of the changed properties.'),
    updated_by: opaqueId.optional(),
    properties: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('The changed properties and their new values.'),
  })
  .describe('Settings of a network changed.');
