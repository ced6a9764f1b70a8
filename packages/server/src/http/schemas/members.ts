import { z } from 'zod';
import { cursor, id, peopleLimit, personName, reason, role, secretToken, time } from './fields.js';

export const membership = z
  .object({ network_id: id, user_id: id, role, status: z.literal('approved'), joined_at: time })
  .meta({ id: 'Membership' });

export const member = z
  .object({
    ...membership.shape,
    name: personName,
    presence: z.object({ status: z.enum(['online', 'offline']), since: time }),
  })
  .meta({ id: 'Member' });

export const joinRequest = z
  .object({ id, network_id: id, user_id: id, status: z.literal('pending'), created_at: time })
  .meta({ id: 'JoinRequest' });

export const pendingRequest = z
  .object({ ...joinRequest.shape, name: personName })
  .meta({ id: 'PendingJoinRequest' });

export const ban = z
  .object({
    network_id: id,
    user_id: id,
    name: personName,
    reason: z.string().nullable(),
    status: z.literal('banned'),
    banned_at: time,
  })
  .meta({ id: 'Ban' });

/** Which of the people of a network. */
export const peopleList = z.object({ limit: peopleLimit, cursor });

export const joining = z.object({ invite_token: secretToken.optional() }).meta({ id: 'Joining' });
export const subject = z.object({ user_id: id }).meta({ id: 'Subject' });
export const removal = z.object({ user_id: id, reason: reason.optional() }).meta({ id: 'Removal' });
export const newRole = z.object({ role: role.exclude(['owner']) }).meta({ id: 'NewRole' });

export const newInvite = z
  .object({
    expires_in: z.number().int().min(60).max(31_536_000).optional().describe('Seconds; 7 days when absent.'),
    uses: z.number().int().min(1).max(10_000).optional().describe('1 when absent.'),
  })
  .meta({ id: 'NewInvite' });
export const invite = z
  .object({ token: secretToken.describe('Shown once.'), expires_at: time, uses_left: z.number().int() })
  .meta({ id: 'Invite' });

/** What became of something, in one word. */
export function outcome<const W extends string>(word: W) {
  return z.object({ status: z.literal(word) });
}
