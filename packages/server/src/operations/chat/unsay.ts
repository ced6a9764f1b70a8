import type { Message } from '../../domain/entities.js';
import type { Transaction } from '../../ports/store.js';
import { rfc3339 } from '../rfc3339.js';
import { toWireMessage } from './wire-message.js';

/**
 * Puts what readers see of a deleted or redacted message into the log as well, in place of every body it ever had:
 * who replays the room from before must not learn what everyone else can no longer read. Places and order stay.
 */
export async function unsay(tx: Transaction, message: Message): Promise<void> {
  const { id, scope, seq, body } = message;
  await tx.log.rewrite(scope, seq, {
    type: 'chat.message',
    data: toWireMessage({ ...message, editedAt: null }),
  });
  for (const edit of await tx.messages.edits.of(id)) {
    if (edit.change !== 'edit') continue;
    const data = { message_id: id, new_body: body, edited_at: rfc3339(edit.changedAt) };
    await tx.log.rewrite(scope, edit.seq, { type: 'chat.edited', data });
  }
}
