import { z } from 'zod';
import { LIMITS } from './primitives/limits.js';

/** Client -> server. `data` is checked by the schema of `type` in the registry. */
export const requestEnvelope = z.object({
  type: z.string().min(1),
  op_id: z.string().min(1).max(LIMITS.opIdLength),
  data: z.record(z.string(), z.unknown()).default({}),
  meta: z.object({ traceparent: z.string().optional() }).optional(),
});

/** `error` of an error envelope. */
export const errorBody = z.object({
  code: z.string().min(1).max(128),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).default({}),
});

/** Server -> client: a reply (`op_id`), an error (`error`), or an event (with `room` and `seq` when it is in a log). */
export const serverEnvelope = z.object({
  type: z.string().min(1),
  op_id: z.string().min(1).max(LIMITS.opIdLength).optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  error: errorBody.optional(),
  room: z.string().optional(),
  seq: z.number().int().min(0).optional(),
  meta: z.object({ traceparent: z.string().optional() }).optional(),
});
