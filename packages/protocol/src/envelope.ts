import { z } from 'zod';
import { givenId, label, prose, roomName, seq } from './messages/fields.js';

// What surrounds `data`. The codec reads envelopes itself; these schemas say the same to other languages.

const meta = z
  .object({ traceparent: z.string().max(256).optional() })
  .describe('W3C trace context; a server that knows it copies it to the reply and the broadcast (B6).');

export const requestEnvelope = z
  .object({
    type: label,
    op_id: givenId.describe('Chosen by the client; the reply carries the same.'),
    data: z.record(z.string(), z.unknown()).default({}),
    meta: meta.optional(),
  })
  .describe('Client to server.');

export const errorBody = z
  .object({
    code: label.describe('One of the codes of the contract, or one that a later version adds.'),
    message: prose.describe('For people; nobody decides by it.'),
    details: z.record(z.string(), z.unknown()).default({}),
  })
  .describe('Why a request was refused.');

export const serverEnvelope = z
  .object({
    type: label,
    op_id: label.optional().describe('Of the request that this answers.'),
    data: z.record(z.string(), z.unknown()).optional(),
    error: errorBody.optional().describe('There only in an error.'),
    room: roomName.optional().describe('The room in whose log this event stands.'),
    seq: seq.optional(),
    meta: meta.optional(),
  })
  .describe('Server to client: a reply, an error or an event.');
