import { EVENTS, REQUESTS } from '@goconnect/protocol';
import { z } from 'zod';
import { id, pageLimit, time } from './fields.js';

const { scope, before, after } = REQUESTS['chat.history'].data.shape;

/** The same message as on the wire (B3.5). */
export const message = EVENTS['chat.message'].data.meta({ id: 'Message' });

export const historyQuery = z
  .object({ scope, before, after, limit: pageLimit })
  .refine(({ before, after }) => before === undefined || after === undefined, {
    error: 'not together with before',
    path: ['after'],
  });

export const messageEdit = z
  .object({
    message_id: id,
    previous_body: z.string(),
    change: z.enum(['edit', 'delete', 'redact']),
    changed_by: id,
    changed_at: time,
  })
  .meta({ id: 'MessageEdit' });
