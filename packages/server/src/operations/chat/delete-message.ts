import type { Message } from '../../domain/entities.js';
import { judgeDelete } from '../../domain/rights.js';
import type { Dependencies } from '../dependencies.js';
import type { ChatOperations } from '../operations.js';
import { once } from '../remembered.js';
import { rfc3339 } from '../rfc3339.js';
import { heed, takeMessage } from './message-in-hand.js';
import { unsay } from './unsay.js';

/**
 * `chat.delete` (A3.6). `soft` keeps the row and what it said for moderators, `hard` keeps nothing. Deleting softly
 * what is deleted already changes nothing and is answered with the time of the first deletion.
 */
export function deleteMessage(deps: Dependencies): ChatOperations['delete'] {
  const { clock } = deps;
  return (context, data) =>
    once(deps, context, { type: 'chat.delete', data }, async (tx, admit) => {
      const { mode } = data;
      const hand = await takeMessage(tx, context.actor, data.message_id);
      heed(judgeDelete(hand));
      const { message } = hand;
      if (mode === 'soft' && message.deletedAt !== null) return reply(message.id, mode, message.deletedAt);

      admit(message.scope);
      const now = clock.now();
      const told = { message_id: message.id, mode, deleted_at: rfc3339(now) };
      const { seq } = await tx.log.append(
        message.scope,
        { type: 'chat.deleted', data: told },
        now,
        context.meta,
      );
      const emptied: Message = { ...message, body: '', attachments: [], deletedAt: now };
      await unsay(tx, emptied);
      if (mode === 'hard') await tx.messages.delete(message.id);
      else {
        await tx.messages.update(emptied);
        await tx.messages.edits.insert({
          messageId: message.id,
          seq,
          previousBody: message.body,
          change: 'delete',
          changedBy: context.actor.userId,
          changedAt: now,
        });
      }
      return reply(message.id, mode, now);
    });
}

function reply(messageId: string, mode: 'soft' | 'hard', at: number) {
  return { message_id: messageId, status: 'deleted', mode, deleted_at: rfc3339(at) };
}
