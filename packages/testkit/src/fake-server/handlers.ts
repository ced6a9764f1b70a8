import * as chat from './chat-handlers.js';
import type { HandlerTable } from './handler.js';
import * as room from './room-handlers.js';

/** What the contract says about each request. A missing one does not compile. */
export const HANDLERS: HandlerTable = {
  'auth.refresh': room.refresh,
  'chat.send': chat.send,
  'chat.edit': chat.edit,
  'chat.delete': chat.remove,
  'chat.redact': chat.redact,
  'chat.history': chat.history,
  'room.join': room.join,
  'room.leave': room.leave,
  'presence.ping': room.ping,
  'presence.list': room.list,
  'session.resume': room.resume,
};
