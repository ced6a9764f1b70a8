import { judgeEdit } from '../../domain/rights.js';
import type { Dependencies } from '../dependencies.js';
import type { ChatOperations } from '../operations.js';
import { once } from '../remembered.js';
import { rfc3339 } from '../rfc3339.js';
import { heed, takeMessage } from './message-in-hand.js';

/** `chat.edit` (A3.6); the previous body is kept for moderators. */
export function editMessage(deps: Dependencies): ChatOperations['edit'] {
  const { clock, settings } = deps;
  return (context, data) =>
    once(deps, context, { type: 'chat.edit', data }, async (tx, admit) => {
      const hand = await takeMessage(tx, context.actor, data.message_id);
      const now = clock.now();
      heed(judgeEdit(hand, now, settings.editWindowMs));
      const { message } = hand;
      admit(message.scope);
      const told = { message_id: message.id, new_body: data.new_body, edited_at: rfc3339(now) };
      const { seq } = await tx.log.append(
        message.scope,
        { type: 'chat.edited', data: told },
        now,
        context.meta,
      );
      await tx.messages.update({ ...message, body: data.new_body, editedAt: now });
      await tx.messages.edits.insert({
        messageId: message.id,
        seq,
        previousBody: message.body,
        change: 'edit',
        changedBy: context.actor.userId,
        changedAt: now,
      });
      return { message_id: message.id, status: 'edited', edited_at: rfc3339(now) };
    });
}
