import { isWellFormed, LIMITS, parseRoom } from '@goconnect/protocol';
import { z } from 'zod';

/** Text of one line that a database can keep: well formed, no control characters. */
export function line(min: number, max: number, description: string) {
  return z
    .string()
    .min(min)
    .max(max)
    .refine((text) => isWellFormed(text) && !/\p{Cc}/u.test(text), { error: 'text of one line' })
    .describe(description);
}

export const id = line(1, LIMITS.idLength, 'An id that the server gave out.');
/** A network's id is part of a room's name, `network:<id>` (A3.1). */
export const networkId = z
  .string()
  .max(LIMITS.idLength)
  .refine((id) => parseRoom(`network:${id}`) !== undefined, { error: '1-64 of A-Z, a-z, 0-9, _ and -' })
  .describe("A network's id; one that names no room names no network.");
export const personName = line(1, 64, 'A name for people to read, 1-64 characters.');
export const networkName = line(3, 64, 'A name for people to read, 3-64 characters.');
export const reason = line(1, 256, 'Why, for people to read.');
export const email = z.email().max(254).describe('Compared without case.');
export const password = z
  .string()
  .min(8)
  .max(72)
  .refine(isWellFormed, { error: 'well formed text' })
  .meta({ format: 'password', description: '8-72 characters.' });
export const secretToken = z.string().min(1).max(LIMITS.tokenBytes);

export const visibility = z
  .enum(['public', 'private'])
  .describe('`private` networks do not exist for strangers.');
export const joinPolicy = z.enum(['open', 'approval', 'invite']);
export const role = z.enum(['owner', 'admin', 'moderator', 'member']);

export const time = z.iso.datetime().describe('A time, RFC 3339 in UTC.');

/** A number that stands in a query, hence as text. */
export const pageLimit = z
  .string()
  .regex(/^\d{1,3}$/, { error: 'a whole number of 1-100' })
  .transform(Number)
  .pipe(z.number().min(1).max(100))
  .optional()
  .meta({ description: 'Items of a page, 1-100; 50 when absent.' });
/** The same for people: who asks for members without a limit expects them all, and gets as many as `presence.list` lists. */
export const peopleLimit = z
  .string()
  .regex(/^\d{1,4}$/, { error: 'a whole number of 1-1000' })
  .transform(Number)
  .pipe(z.number().min(1).max(LIMITS.presenceMembers))
  .optional()
  .meta({ description: 'People of a page, 1-1000; 1000 when absent.' });
export const cursor = line(1, 512, 'Where the page starts: `next_cursor` of the page before.').optional();
