import type { z } from 'zod';
import * as auth from './messages/auth.js';
import * as chat from './messages/chat.js';
import * as membership from './messages/membership.js';
import * as network from './messages/network.js';
import * as presence from './messages/presence.js';
import * as room from './messages/room.js';
import * as session from './messages/session.js';

interface RequestEntry {
  readonly data: z.ZodType;
  /** Schema of the reply's `data`. */
  readonly ack: z.ZodType;
  /** Type of the successful reply. */
  readonly reply: 'ack' | 'presence.pong';
  /** True when the request has a lasting effect and `(user_id, op_id)` is its idempotency key (B4.1). */
  readonly mutation: boolean;
  /** `base`: the published contract; `v1`: only where the session extension was negotiated. */
  readonly since: 'base' | 'v1';
}

interface EventEntry {
  readonly data: z.ZodType;
  /** True when every occurrence is an entry of a room's log, with `seq` (B3.1). */
  readonly recoverable: boolean;
  readonly since: 'base' | 'v1';
}

/** Client -> server: every request, the one table that types, validators, docs and handlers come from. */
export const REQUESTS = {
  'auth.refresh': {
    data: auth.authRefresh,
    ack: auth.authRefreshAck,
    reply: 'ack',
    mutation: false,
    since: 'base',
  },
  'chat.send': { data: chat.chatSend, ack: chat.chatSendAck, reply: 'ack', mutation: true, since: 'base' },
  'chat.edit': { data: chat.chatEdit, ack: chat.chatEditAck, reply: 'ack', mutation: true, since: 'base' },
  'chat.delete': {
    data: chat.chatDelete,
    ack: chat.chatDeleteAck,
    reply: 'ack',
    mutation: true,
    since: 'base',
  },
  'chat.redact': {
    data: chat.chatRedact,
    ack: chat.chatRedactAck,
    reply: 'ack',
    mutation: true,
    since: 'base',
  },
  'chat.history': {
    data: chat.chatHistory,
    ack: chat.chatHistoryAck,
    reply: 'ack',
    mutation: false,
    since: 'v1',
  },
  'room.join': { data: room.roomJoin, ack: room.roomJoinAck, reply: 'ack', mutation: false, since: 'base' },
  'room.leave': {
    data: room.roomLeave,
    ack: room.roomLeaveAck,
    reply: 'ack',
    mutation: false,
    since: 'base',
  },
  'presence.ping': {
    data: presence.presencePing,
    ack: presence.presencePong,
    reply: 'presence.pong',
    mutation: false,
    since: 'base',
  },
  'presence.list': {
    data: presence.presenceList,
    ack: presence.presenceListAck,
    reply: 'ack',
    mutation: false,
    since: 'v1',
  },
  'session.resume': {
    data: session.sessionResume,
    ack: session.sessionResumeAck,
    reply: 'ack',
    mutation: false,
    since: 'v1',
  },
} as const satisfies Record<string, RequestEntry>;

/** Server -> client: every event that is not a reply. */
export const EVENTS = {
  'chat.message': { data: chat.chatMessage, recoverable: true, since: 'base' },
  'chat.edited': { data: chat.chatEdited, recoverable: true, since: 'base' },
  'chat.deleted': { data: chat.chatDeleted, recoverable: true, since: 'base' },
  'chat.redacted': { data: chat.chatRedacted, recoverable: true, since: 'base' },
  'presence.update': { data: presence.presenceUpdate, recoverable: false, since: 'base' },
  'member.joined': { data: membership.memberJoined, recoverable: true, since: 'base' },
  'member.left': { data: membership.memberLeft, recoverable: true, since: 'base' },
  'request.join.pending': { data: membership.requestJoinPending, recoverable: false, since: 'base' },
  'admin.kick': { data: membership.adminKick, recoverable: true, since: 'base' },
  'admin.ban': { data: membership.adminBan, recoverable: true, since: 'base' },
  'net.updated': { data: network.netUpdated, recoverable: true, since: 'base' },
  'session.welcome': { data: session.sessionWelcome, recoverable: false, since: 'v1' },
  'session.draining': { data: session.sessionDraining, recoverable: false, since: 'v1' },
} as const satisfies Record<string, EventEntry>;
