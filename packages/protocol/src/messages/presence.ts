import { z } from 'zod';
import { LIMITS } from '../primitives/limits.js';
import { count, opaqueId, openEnum, room, timestamp } from './fields.js';

export const presencePing = z.object({}).describe('Asks for a sign of life.');
export const presencePong = z.object({ timestamp }).describe('A sign of life.');

export const presenceUpdate = z
  .object({ user_id: opaqueId, status: openEnum('online', 'offline'), since: timestamp })
  .describe('A user came online or went offline.');

export const presenceList = z.object({ room }).describe('Asks who is in a room (B3.5).');
export const presenceListAck = z
  .object({
    members: z.array(presenceUpdate).max(LIMITS.presenceMembers),
    total: count.describe('All members, also those beyond the listed ones.'),
  })
  .describe('Who is in a room.');
