import type { Message } from '../../domain/entities.js';
import { judgeRedact } from '../../domain/rights.js';
import type { Dependencies } from '../dependencies.js';
import type { ChatOperations } from '../operations.js';
import { once } from '../remembered.js';
import { heed, takeMessage } from './message-in-hand.js';
import { unsay } from './unsay.js';

/** `chat.redact` (A3.6): moderators put a mask in place of the body; attachments go as well. */
export function redactMessage(deps: Dependencies): ChatOperations['redact'] {
  const { clock } = deps;
  return (context, data) =>
    once(deps, context, { type: 'chat.redact', data }, async (tx, admit) => {
      const hand = await takeMessage(tx, context.actor, data.message_id);
      heed(judgeRedact(hand));
      const { message } = hand;
      admit(message.scope);
      const now = clock.now();
      const by = context.actor.userId;
      const told = { message_id: message.id, redaction_mask: data.mask, redacted_by: by };
      const { seq } = await tx.log.append(
        message.scope,
        { type: 'chat.redacted', data: told },
        now,
        context.meta,
      );
      const masked: Message = { ...message, body: data.mask, attachments: [], redacted: true };
      await unsay(tx, masked);
      await tx.messages.update(masked);
      await tx.messages.edits.insert({
        messageId: message.id,
        seq,
        previousBody: message.body,
        change: 'redact',
        changedBy: by,
        changedAt: now,
      });
      return { message_id: message.id, status: 'redacted', redaction_mask: data.mask };
    });
}
