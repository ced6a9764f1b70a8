import { parseScope } from '@goconnect/protocol';
import type { Actor } from '../../domain/entities.js';
import type { Transaction } from '../../ports/store.js';
import { enterNetwork } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { ChatOperations } from '../operations.js';
import { notFound } from '../refusals.js';
import { once } from '../remembered.js';
import { toWireMessage } from './wire-message.js';

/** `chat.send` (A3.5): needs membership of the scope's room. */
export function sendMessage(deps: Dependencies): ChatOperations['send'] {
  const { clock, ids } = deps;
  return (context, data) =>
    once(deps, context, { type: 'chat.send', data }, async (tx, admit) => {
      await mustBeIn(tx, context.actor, data.scope);
      admit(data.scope);
      const message = {
        id: ids.next('msg'),
        scope: data.scope,
        tenantId: context.actor.tenantId,
        userId: context.actor.userId,
        body: data.body,
        attachments: data.attachments ?? [],
        redacted: false,
        deletedAt: null,
        editedAt: null,
        createdAt: clock.now(),
      };
      const event = { type: 'chat.message' as const, data: toWireMessage(message) };
      const { seq } = await tx.log.append(data.scope, event, message.createdAt, context.meta);
      await tx.messages.insert({ ...message, seq });
      return { message_id: message.id, status: 'sent' };
    });
}

async function mustBeIn(tx: Transaction, actor: Actor, name: string): Promise<void> {
  const scope = parseScope(name);
  if (scope === undefined) throw notFound('Scope');
  if (scope.kind === 'host') return;
  await tx.log.lock(name);
  await enterNetwork(tx, actor, scope.id, 'send');
}
