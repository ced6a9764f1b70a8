import { z } from 'zod';
import { LIMITS } from '../primitives/limits.js';
import {
  attachmentUrl,
  deleteMode,
  givenId,
  opaqueId,
  openEnum,
  scope,
  statusWord,
  text,
  timestamp,
} from './fields.js';

/** What readers see: a deleted message has an empty body, so the rules for writers do not hold here. */
const readerText = z.string().max(LIMITS.bodyCodePoints);

const attachments = z.array(attachmentUrl).max(LIMITS.attachments);

export const chatSend = z.object({ scope, body: text, attachments: attachments.optional() });
export const chatSendAck = z.object({ message_id: opaqueId, status: statusWord('sent') });

export const chatEdit = z.object({ message_id: givenId, new_body: text });
export const chatEditAck = z.object({
  message_id: opaqueId,
  status: statusWord('edited'),
  edited_at: timestamp,
});

export const chatDelete = z.object({ message_id: givenId, mode: deleteMode });
export const chatDeleteAck = z.object({
  message_id: opaqueId,
  status: statusWord('deleted'),
  mode: openEnum('soft', 'hard'),
  deleted_at: timestamp,
});

export const chatRedact = z.object({ message_id: givenId, mask: text });
export const chatRedactAck = z.object({
  message_id: opaqueId,
  status: statusWord('redacted'),
  redaction_mask: readerText,
});

/**
 * One message as readers see it. `attachments` and `deleted_at` may be absent on the wire (A1.4).
 * `edited_at` is an addition of ours that the published page allows (unknown fields are ignored).
 */
export const chatMessage = z.object({
  id: opaqueId,
  scope: z.string().min(1).max(128),
  user_id: opaqueId,
  body: readerText,
  redacted: z.boolean().default(false),
  deleted_at: timestamp.nullable().default(null),
  edited_at: timestamp.nullable().optional(),
  attachments: z.array(z.string().max(LIMITS.attachmentUrlLength)).max(LIMITS.arrayItems).default([]),
  created_at: timestamp,
});

export const chatEdited = z.object({ message_id: opaqueId, new_body: readerText, edited_at: timestamp });

export const chatDeleted = z.object({
  message_id: opaqueId,
  mode: openEnum('soft', 'hard'),
  deleted_at: timestamp,
});

export const chatRedacted = z.object({
  message_id: opaqueId,
  redaction_mask: readerText,
  redacted_by: opaqueId.optional(),
});

/** B3.5. With `before` (or neither) the page is newest first; with `after` oldest first. Not both. */
export const chatHistory = z.object({
  scope,
  before: givenId.optional(),
  after: givenId.optional(),
  limit: z.number().int().min(1).max(LIMITS.historyPage).optional(),
});
export const chatHistoryAck = z.object({
  messages: z.array(chatMessage).max(LIMITS.historyPage),
  next: opaqueId.nullable().default(null),
});
