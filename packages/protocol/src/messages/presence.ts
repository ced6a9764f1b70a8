import { z } from 'zod';
import { LIMITS } from '../primitives/limits.js';
import { count, empty, opaqueId, openEnum, room, timestamp } from './fields.js';

export const presencePing = empty;
export const presencePong = z.object({ timestamp });

/** Other servers of the contract may also say `away` or `busy`. */
export const presenceUpdate = z.object({
  user_id: opaqueId,
  status: openEnum('online', 'offline'),
  since: timestamp,
});

export const presenceList = z.object({ room });
export const presenceListAck = z.object({
  members: z.array(presenceUpdate).max(LIMITS.presenceMembers),
  total: count,
});
