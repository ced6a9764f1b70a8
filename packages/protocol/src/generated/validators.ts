// Written by `npm run generate` from the schemas in messages/. Not to be edited by hand.

import {
  array,
  format,
  integer,
  nullable,
  object,
  oneOf,
  optional,
  record,
  string,
  validators,
} from '../primitives/check.js';
import type {
  AdminBan,
  AdminKick,
  AuthRefresh,
  AuthRefreshAck,
  ChatDelete,
  ChatDeleteAck,
  ChatDeleted,
  ChatEdit,
  ChatEditAck,
  ChatEdited,
  ChatHistory,
  ChatHistoryAck,
  ChatMessage,
  ChatRedact,
  ChatRedactAck,
  ChatRedacted,
  ChatSend,
  ChatSendAck,
  EventMap,
  MemberJoined,
  MemberLeft,
  NetUpdated,
  PresenceList,
  PresenceListAck,
  PresencePing,
  PresencePong,
  PresenceUpdate,
  RequestJoinPending,
  RequestMap,
  ResumedRoom,
  RoomJoin,
  RoomJoinAck,
  RoomLeave,
  RoomLeaveAck,
  RoomPosition,
  SeenPosition,
  SessionDraining,
  SessionResume,
  SessionResumeAck,
  SessionWelcome,
} from './types.js';

const string1To4096 = /* @__PURE__ */ string(1, 4096);
const scope = /* @__PURE__ */ format('scope');
const text = /* @__PURE__ */ format('text');
const url = /* @__PURE__ */ format('url');
const id = /* @__PURE__ */ format('id');
const integer1To100 = /* @__PURE__ */ integer(1, 100);
const room = /* @__PURE__ */ format('room');
const string1To128 = /* @__PURE__ */ string(1, 128);
const integerFrom0 = /* @__PURE__ */ integer(0, 9007199254740991);
const seenPosition = /* @__PURE__ */ object<SeenPosition>({
  room: room,
  epoch: string1To128,
  seq: integerFrom0,
});
const string0To4096 = /* @__PURE__ */ string(0, 4096);
const chatMessage = /* @__PURE__ */ object<ChatMessage>({
  id: string1To128,
  scope: string1To128,
  user_id: string1To128,
  body: string0To4096,
  redacted: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf(true, false), () => false),
  deleted_at: /* @__PURE__ */ optional(/* @__PURE__ */ nullable(string1To128), () => null),
  edited_at: /* @__PURE__ */ optional(/* @__PURE__ */ nullable(string1To128)),
  attachments: /* @__PURE__ */ optional(/* @__PURE__ */ array(string0To4096, 10000), () => []),
  created_at: string1To128,
});
const presenceUpdate = /* @__PURE__ */ object<PresenceUpdate>({
  user_id: string1To128,
  status: string1To128,
  since: string1To128,
});
const resumedRoom = /* @__PURE__ */ object<ResumedRoom>({
  room: string1To128,
  status: string1To128,
  epoch: /* @__PURE__ */ optional(string1To128),
  seq: /* @__PURE__ */ optional(integerFrom0),
  from: /* @__PURE__ */ optional(integerFrom0),
});
const roomPosition = /* @__PURE__ */ object<RoomPosition>({
  room: string1To128,
  epoch: string1To128,
  seq: integerFrom0,
});

/** Request type -> validator of its `data`. */
export const requestValidators = /* @__PURE__ */ validators<{ [K in keyof RequestMap]: RequestMap[K]["data"] }>(() => ({
  'auth.refresh': object<AuthRefresh>({
    refresh_token: string1To4096,
  }),
  'chat.send': object<ChatSend>({
    scope: scope,
    body: text,
    attachments: optional(array(url, 10)),
  }),
  'chat.edit': object<ChatEdit>({
    message_id: id,
    new_body: text,
  }),
  'chat.delete': object<ChatDelete>({
    message_id: id,
    mode: oneOf('soft', 'hard'),
  }),
  'chat.redact': object<ChatRedact>({
    message_id: id,
    mask: text,
  }),
  'chat.history': object<ChatHistory>({
    scope: scope,
    before: optional(id),
    after: optional(id),
    limit: optional(integer1To100),
  }),
  'room.join': object<RoomJoin>({
    room: room,
  }),
  'room.leave': object<RoomLeave>({
    room: room,
  }),
  'presence.ping': object<PresencePing>({}),
  'presence.list': object<PresenceList>({
    room: room,
  }),
  'session.resume': object<SessionResume>({
    positions: array(seenPosition, 10000),
  }),
}));

/** Request type -> validator of the `data` of its reply. */
export const replyValidators = /* @__PURE__ */ validators<{ [K in keyof RequestMap]: RequestMap[K]["reply"] }>(() => ({
  'auth.refresh': object<AuthRefreshAck>({
    access_token: string1To4096,
    refresh_token: string1To4096,
    expires_in: integerFrom0,
    status: string1To128,
  }),
  'chat.send': object<ChatSendAck>({
    message_id: string1To128,
    status: string1To128,
  }),
  'chat.edit': object<ChatEditAck>({
    message_id: string1To128,
    status: string1To128,
    edited_at: string1To128,
  }),
  'chat.delete': object<ChatDeleteAck>({
    message_id: string1To128,
    status: string1To128,
    mode: string1To128,
    deleted_at: string1To128,
  }),
  'chat.redact': object<ChatRedactAck>({
    message_id: string1To128,
    status: string1To128,
    redaction_mask: string0To4096,
  }),
  'chat.history': object<ChatHistoryAck>({
    messages: array(chatMessage, 100),
    next: optional(nullable(string1To128), () => null),
  }),
  'room.join': object<RoomJoinAck>({
    room: string1To128,
    status: string1To128,
    epoch: optional(string1To128),
    seq: optional(integerFrom0),
  }),
  'room.leave': object<RoomLeaveAck>({
    room: string1To128,
    status: string1To128,
  }),
  'presence.ping': object<PresencePong>({
    timestamp: string1To128,
  }),
  'presence.list': object<PresenceListAck>({
    members: array(presenceUpdate, 1000),
    total: integerFrom0,
  }),
  'session.resume': object<SessionResumeAck>({
    rooms: array(resumedRoom, 10000),
  }),
}));

/** Event type -> validator of its `data`. */
export const eventValidators = /* @__PURE__ */ validators<EventMap>(() => ({
  'chat.message': chatMessage,
  'chat.edited': object<ChatEdited>({
    message_id: string1To128,
    new_body: string0To4096,
    edited_at: string1To128,
  }),
  'chat.deleted': object<ChatDeleted>({
    message_id: string1To128,
    mode: string1To128,
    deleted_at: string1To128,
  }),
  'chat.redacted': object<ChatRedacted>({
    message_id: string1To128,
    redaction_mask: string0To4096,
    redacted_by: optional(string1To128),
  }),
  'presence.update': presenceUpdate,
  'member.joined': object<MemberJoined>({
    network_id: string1To128,
    user_id: string1To128,
    role: optional(string1To128),
  }),
  'member.left': object<MemberLeft>({
    network_id: string1To128,
    user_id: string1To128,
  }),
  'request.join.pending': object<RequestJoinPending>({
    network_id: string1To128,
    user_id: string1To128,
    request_id: string1To128,
  }),
  'admin.kick': object<AdminKick>({
    network_id: string1To128,
    user_id: string1To128,
    reason: optional(string0To4096),
  }),
  'admin.ban': object<AdminBan>({
    network_id: string1To128,
    user_id: string1To128,
    reason: optional(string0To4096),
  }),
  'net.updated': object<NetUpdated>({
    network_id: string1To128,
    changes: optional(array(string0To4096, 256), () => []),
    updated_by: optional(string1To128),
    properties: optional(record, () => ({})),
  }),
  'session.welcome': object<SessionWelcome>({
    session_id: string1To128,
    user_id: string1To128,
    tenant_id: string1To128,
    server: object({
      name: string0To4096,
      version: string0To4096,
    }),
    server_time: string1To128,
    token_expires_in: integerFrom0,
    rooms: array(roomPosition, 10000),
    limits: object({
      max_message_bytes: integerFrom0,
      messages_per_minute: integerFrom0,
      network_messages_per_minute: integerFrom0,
    }),
    heartbeat: object({
      ping_period_ms: integerFrom0,
      pong_wait_ms: integerFrom0,
    }),
    resume: object({
      window_ms: integerFrom0,
      max_events_per_room: integerFrom0,
    }),
    dedupe_window_ms: integerFrom0,
  }),
  'session.draining': object<SessionDraining>({
    reconnect_after_ms: integerFrom0,
    deadline_ms: integerFrom0,
    reason: string0To4096,
  }),
}));

/** Requests with a lasting effect: a client queues them, a v1 server does each once (B4.1). */
export const MUTATIONS: ReadonlySet<keyof RequestMap> = /* @__PURE__ */ new Set<keyof RequestMap>([
  'chat.send',
  'chat.edit',
  'chat.delete',
  'chat.redact',
]);

/** Requests that exist only where the session extension was negotiated. */
export const V1_REQUESTS: ReadonlySet<keyof RequestMap> = /* @__PURE__ */ new Set<keyof RequestMap>([
  'chat.history',
  'presence.list',
  'session.resume',
]);

/** Events that are entries of a room's log (B3.1). */
export const RECOVERABLE_EVENTS: ReadonlySet<keyof EventMap> = /* @__PURE__ */ new Set<keyof EventMap>([
  'chat.message',
  'chat.edited',
  'chat.deleted',
  'chat.redacted',
  'member.joined',
  'member.left',
  'admin.kick',
  'admin.ban',
  'net.updated',
]);
