import type { RequestData, RequestType } from '@goconnect/protocol';
import { refreshTokens } from './auth.js';
import { deleteMessage, editMessage, readHistory, redactMessage, sendMessage } from './chat.js';
import type { Handler, HandlerContext, Outcome } from './handler.js';
import { listPresence, pingPresence } from './presence.js';
import { joinRoom, leaveRoom } from './room.js';
import { resumeSession } from './session.js';

/** One handler for each request of the contract; a missing one does not compile. */
const HANDLERS: { readonly [K in RequestType]: Handler<K> } = {
  'auth.refresh': refreshTokens,
  'chat.send': sendMessage,
  'chat.edit': editMessage,
  'chat.delete': deleteMessage,
  'chat.redact': redactMessage,
  'chat.history': readHistory,
  'room.join': joinRoom,
  'room.leave': leaveRoom,
  'presence.ping': pingPresence,
  'presence.list': listPresence,
  'session.resume': resumeSession,
};

/** Hands a request to its handler. `type` went through the codec, so it is a key of the table and not of its prototype. */
export function handle<K extends RequestType>(
  context: HandlerContext,
  { type, data }: { readonly type: K; readonly data: RequestData<K> },
): Promise<Outcome<K>> {
  return HANDLERS[type](context, data);
}
