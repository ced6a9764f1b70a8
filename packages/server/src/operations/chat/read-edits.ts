import { parseScope } from '@goconnect/protocol';
import { mayInNetwork } from '../../domain/rights.js';
import { enterNetwork, personInHost } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { ChatOperations } from '../operations.js';
import { forbidden, notFound } from '../refusals.js';

/** Every body a message had (A3.6), oldest first; for moderators. */
export function readEdits({ store }: Pick<Dependencies, 'store'>): ChatOperations['edits'] {
  return (actor, messageId) =>
    store.read(async (tx) => {
      const message = await tx.messages.get(messageId);
      const scope = message && parseScope(message.scope);
      if (scope === undefined) throw notFound('Message');
      if (scope.kind === 'network') await enterNetwork(tx, actor, scope.id, 'readEdits');
      else if (!mayInNetwork(await personInHost(tx, actor), 'readEdits')) {
        throw forbidden('role', 'Only moderators may read this.');
      }
      return await tx.messages.edits.of(messageId);
    });
}
