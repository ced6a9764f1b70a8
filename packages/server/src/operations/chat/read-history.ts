import { LIMITS, parseScope } from '@goconnect/protocol';
import type { Actor } from '../../domain/entities.js';
import { OperationError } from '../../domain/operation-error.js';
import type { Transaction } from '../../ports/store.js';
import { enterNetwork } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { ChatOperations } from '../operations.js';
import { notFound } from '../refusals.js';
import { readPage, withinPage } from './history-page.js';

/**
 * A page of past messages (B3.5): newest first, or oldest first with `after`. A cursor is the id of a message; it
 * stays good when the message is removed, because its place is kept. `limit` is the most one gets, and `next` alone says
 * whether there is more.
 */
export function readHistory({ store }: Pick<Dependencies, 'store'>): ChatOperations['history'] {
  return (actor, { scope, before, after, limit = LIMITS.historyPageDefault }, mostBytes) =>
    store.read(async (tx) => {
      if (before !== undefined && after !== undefined) throw both();
      await mustRead(tx, actor, scope);
      const bounds = {
        ...(before !== undefined && { beforeSeq: await placeIn(tx, scope, before, 'before') }),
        ...(after !== undefined && { afterSeq: await placeIn(tx, scope, after, 'after') }),
      };
      // One more than asked for tells whether there is another page.
      const found = await readPage(tx, { scope, limit: limit + 1, ...bounds }, mostBytes);
      const messages = withinPage(found.slice(0, limit), mostBytes);
      return { messages, next: found.length > messages.length ? (messages.at(-1)?.id ?? null) : null };
    });
}

async function mustRead(tx: Transaction, actor: Actor, name: string): Promise<void> {
  const scope = parseScope(name);
  if (scope === undefined) throw notFound('Scope');
  if (scope.kind === 'network') await enterNetwork(tx, actor, scope.id, 'read');
}

async function placeIn(tx: Transaction, scope: string, id: string, field: string): Promise<number> {
  const place = await tx.messages.placeOf(id);
  if (place?.scope === scope) return place.seq;
  throw new OperationError('ERR_NOT_FOUND', 'There is no such message in this scope.', { field });
}

function both(): OperationError {
  return new OperationError('ERR_INVALID_MESSAGE', 'Ask for messages before one or after one, not both.', {
    field: 'after',
    reason: 'validation',
  });
}
