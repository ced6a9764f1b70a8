import { OperationError } from '../domain/operation-error.js';
import { PAGE_BYTES } from '../operations/chat/history-page.js';
import { toWireMessage } from '../operations/chat/wire-message.js';
import type { Handler } from './handler.js';

export const sendMessage: Handler<'chat.send'> = ({ operations, mutation }, data) =>
  operations.chat.send(mutation, data);

export const editMessage: Handler<'chat.edit'> = ({ operations, mutation }, data) =>
  operations.chat.edit(mutation, data);

export const deleteMessage: Handler<'chat.delete'> = ({ operations, mutation }, data) =>
  operations.chat.delete(mutation, data);

export const redactMessage: Handler<'chat.redact'> = ({ operations, mutation }, data) =>
  operations.chat.redact(mutation, data);

export const readHistory: Handler<'chat.history'> = async ({ operations, session }, query) => {
  const { messages, next } = await operations.chat
    .history(session.actor, query, PAGE_BYTES)
    .catch(throwOfData);
  return { reply: { messages: messages.map(toWireMessage), next } };
};

/** An operation knows what it was given by name; in an envelope that stands in `data` (A1.5). */
function throwOfData(error: unknown): never {
  if (!(error instanceof OperationError) || typeof error.details.field !== 'string') throw error;
  const { code, message, details } = error;
  throw new OperationError(code, message, { ...details, field: `data.${details.field}` });
}
