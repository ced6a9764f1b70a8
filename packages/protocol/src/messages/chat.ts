import { z } from 'zod';
import { LIMITS } from '../primitives/limits.js';
import {
  attachmentUrl,
  deleteMode,
  givenId,
  opaqueId,
  openEnum,
  prose,
  roomName,
  scope,
  statusWord,
  text,
  timestamp,
} from './fields.js';

export const chatSend = z
  .object({ scope, body: text, attachments: z.array(attachmentUrl).max(LIMITS.attachments).optional() })
  .describe('Sends a message to everyone in a scope.');
export const chatSendAck = z
  .object({ message_id: opaqueId, status: statusWord('sent') })
  .describe('The message is stored.');

export const chatEdit = z
  .object({ message_id: givenId, new_body: text })
  .describe('Replaces the body of a message (who may: A3.6).');
export const chatEditAck = z
  .object({ message_id: opaqueId, status: statusWord('edited'), edited_at: timestamp })
  .describe('The new body is stored.');

export const chatDelete = z
  .object({ message_id: givenId, mode: deleteMode })
  .describe('Deletes a message (who may: A3.6).');
export const chatDeleteAck = z
  .object({
    message_id: opaqueId,
    status: statusWord('deleted'),
    mode: openEnum('soft', 'hard'),
    deleted_at: timestamp,
  })
  .describe('The message is deleted.');

export const chatRedact = z
  .object({ message_id: givenId, mask: text })
  .describe('Puts a mask in place of the body of a message; for moderators (A3.6).');
export const chatRedactAck = z
  .object({ message_id: opaqueId, status: statusWord('redacted'), redaction_mask: prose })
  .describe('The message is redacted.');

// `edited_at` is an addition of ours that the published page allows (unknown fields are ignored).
export const chatMessage = z
  .object({
    id: opaqueId,
    scope: roomName,
    user_id: opaqueId.describe('The author.'),
    body: prose.describe('The text; empty when deleted, the mask when redacted.'),
    redacted: z.boolean().default(false),
    deleted_at: timestamp.nullable().default(null),
    edited_at: timestamp.nullable().optional(),
    attachments: z.array(prose).max(LIMITS.arrayItems).default([]),
    created_at: timestamp,
  })
  .describe('A message as readers see it.');

export const chatEdited = z
  .object({ message_id: opaqueId, new_body: prose, edited_at: timestamp })
  .describe('A message has a new body.');

export const chatDeleted = z
  .object({ message_id: opaqueId, mode: openEnum('soft', 'hard'), deleted_at: timestamp })
  .describe('A message was deleted.');

export const chatRedacted = z
  .object({
    message_id: opaqueId,
    redaction_mask: prose.describe('What stands in place of the body now.'),
    redacted_by: opaqueId.optional(),
  })
  .describe('A message was redacted by a moderator.');

export const chatHistory = z
  .object({
    scope,
    before: givenId.optional().describe('Messages before this one, newest first. Not together with `after`.'),
    after: givenId.optional().describe('Messages after this one, oldest first.'),
    limit: z.number().int().min(1).max(LIMITS.historyPage).optional(),
  })
  .describe(
    'Asks for a page of past messages; the newest when neither `before` nor `after` is given (B3.5).',
  );
export const chatHistoryAck = z
  .object({
    messages: z.array(chatMessage).max(LIMITS.historyPage),
    next: opaqueId.nullable().default(null).describe('Where the next page starts; null after the last one.'),
  })
  .describe('A page of past messages.');
