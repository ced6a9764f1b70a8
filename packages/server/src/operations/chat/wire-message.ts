import type { Message } from '../../domain/entities.js';
import type { WireMessage } from '../operations.js';
import { rfc3339 } from '../rfc3339.js';

/** A message as readers get it, live and in history alike. */
export function toWireMessage(message: Omit<Message, 'seq'>): WireMessage {
  return {
    id: message.id,
    scope: message.scope,
    user_id: message.userId,
    body: message.body,
    redacted: message.redacted,
    deleted_at: message.deletedAt === null ? null : rfc3339(message.deletedAt),
    // An addition of ours: absent where the published page would not have it.
    ...(message.editedAt !== null && { edited_at: rfc3339(message.editedAt) }),
    attachments: [...message.attachments],
    created_at: rfc3339(message.createdAt),
  };
}
