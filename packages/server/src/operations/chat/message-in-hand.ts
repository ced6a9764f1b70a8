import { parseScope } from '@goconnect/protocol';
import type { Actor, Message } from '../../domain/entities.js';
import type { MessageVerdict, Person } from '../../domain/rights.js';
import type { Transaction } from '../../ports/store.js';
import { enterNetwork, personIn, personInHost } from '../access.js';
import { forbidden, notFound } from '../refusals.js';

/** A message that somebody wants to change, with both people as its scope sees them. */
export interface MessageInHand {
  readonly message: Message;
  readonly actor: Person;
  readonly author: Person;
}

/**
 * Reads a message to act on it. Nobody else appends to its scope until the work is committed. A message in a network
 * that does not exist for the actor does not exist either.
 */
export async function takeMessage(tx: Transaction, actor: Actor, id: string): Promise<MessageInHand> {
  const place = await tx.messages.placeOf(id);
  const scope = place && parseScope(place.scope);
  if (place === undefined || scope === undefined) throw notFound('Message');
  await tx.log.lock(place.scope);
  if (scope.kind === 'host') {
    const message = await read(tx, id);
    const person = await personInHost(tx, actor);
    return { message, actor: person, author: await personInHost(tx, message) };
  }
  const { network, person } = await enterNetwork(tx, actor, scope.id, 'read');
  const message = await read(tx, id);
  const author =
    message.userId === actor.userId ? person : await personIn(tx, network, { userId: message.userId });
  return { message, actor: person, author };
}

async function read(tx: Transaction, id: string): Promise<Message> {
  const message = await tx.messages.get(id);
  if (message === undefined) throw notFound('Message');
  return message;
}

const REFUSALS: { readonly [K in Exclude<MessageVerdict, 'allowed'>]: string } = {
  rank: 'You may not do this to a message of this author.',
  edit_window: 'The time in which this message could be edited is over.',
  deleted: 'The message was deleted.',
  redacted: 'The message was redacted.',
};

/** Throws `ERR_FORBIDDEN` unless the verdict is `allowed`. */
export function heed(verdict: MessageVerdict): void {
  if (verdict !== 'allowed') throw forbidden(verdict, REFUSALS[verdict]);
}
