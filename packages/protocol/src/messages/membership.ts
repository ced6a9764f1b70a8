import { z } from 'zod';
import { opaqueId, openEnum, shortText } from './fields.js';

const member = { network_id: opaqueId, user_id: opaqueId };

export const memberJoined = z.object({
  ...member,
  role: openEnum('owner', 'admin', 'moderator', 'member').optional(),
});
export const memberLeft = z.object(member);
export const requestJoinPending = z.object({ ...member, request_id: opaqueId });
export const adminKick = z.object({ ...member, reason: shortText.optional() });
export const adminBan = z.object({ ...member, reason: shortText.optional() });
