import { z } from 'zod';
import { opaqueId, openEnum, prose } from './fields.js';

const member = { network_id: opaqueId, user_id: opaqueId };

export const memberJoined = z
  .object({ ...member, role: openEnum('owner', 'admin', 'moderator', 'member').optional() })
  .describe('A user became a member of a network.');
export const memberLeft = z.object(member).describe('A user is no longer a member of a network.');
export const requestJoinPending = z
  .object({ ...member, request_id: opaqueId })
  .describe('A user asks to join a network; goes to its owner and admins.');
export const adminKick = z
  .object({ ...member, reason: prose.optional() })
  .describe('A member was removed from a network.');
export const adminBan = z
  .object({ ...member, reason: prose.optional() })
  .describe('A user was banned from a network.');
