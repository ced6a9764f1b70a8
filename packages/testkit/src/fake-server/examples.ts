import type {
  EventData,
  EventType,
  ReplyData,
  RequestData,
  RequestType,
} from '@goconnect/protocol/validators';

const AT = '2025-01-01T00:00:00.000Z';

/** A valid example of each request's data. */
export const REQUEST_EXAMPLES: { readonly [K in RequestType]: RequestData<K> } = {
  'auth.refresh': { refresh_token: 'refresh-token' },
  'chat.send': { scope: 'host', body: 'hello' },
  'chat.edit': { message_id: 'msg-1', new_body: 'hello again' },
  'chat.delete': { message_id: 'msg-1', mode: 'soft' },
  'chat.redact': { message_id: 'msg-1', mask: '***' },
  'chat.history': { scope: 'host', limit: 50 },
  'room.join': { room: 'network:lobby' },
  'room.leave': { room: 'network:lobby' },
  'presence.ping': {},
  'presence.list': { room: 'network:lobby' },
  'session.resume': { positions: [{ room: 'host', epoch: 'epoch-1', seq: 0 }] },
};

const MESSAGE: EventData<'chat.message'> = {
  id: 'msg-1',
  scope: 'host',
  user_id: 'ada',
  body: 'hello',
  redacted: false,
  deleted_at: null,
  attachments: [],
  created_at: AT,
};

/** A valid example of each reply's data. */
export const REPLY_EXAMPLES: { readonly [K in RequestType]: ReplyData<K> } = {
  'auth.refresh': {
    access_token: 'access-token',
    refresh_token: 'refresh-token-2',
    expires_in: 900,
    status: 'refreshed',
  },
  'chat.send': { message_id: 'msg-1', status: 'sent' },
  'chat.edit': { message_id: 'msg-1', status: 'edited', edited_at: AT },
  'chat.delete': { message_id: 'msg-1', status: 'deleted', mode: 'soft', deleted_at: AT },
  'chat.redact': { message_id: 'msg-1', status: 'redacted', redaction_mask: '***' },
  'chat.history': { messages: [MESSAGE], next: null },
  'room.join': { room: 'network:lobby', status: 'joined', epoch: 'epoch-1', seq: 0 },
  'room.leave': { room: 'network:lobby', status: 'left' },
  'presence.ping': { timestamp: AT },
  'presence.list': { members: [{ user_id: 'ada', status: 'online', since: AT }], total: 1 },
  'session.resume': { rooms: [{ room: 'host', status: 'recovered', epoch: 'epoch-1', seq: 0 }] },
};

/** A valid example of each event's data. */
export const EVENT_EXAMPLES: { readonly [K in EventType]: EventData<K> } = {
  'chat.message': MESSAGE,
  'chat.edited': { message_id: 'msg-1', new_body: 'hello again', edited_at: AT },
  'chat.deleted': { message_id: 'msg-1', mode: 'soft', deleted_at: AT },
  'chat.redacted': { message_id: 'msg-1', redaction_mask: '***', redacted_by: 'grace' },
  'presence.update': { user_id: 'ada', status: 'online', since: AT },
  'member.joined': { network_id: 'lobby', user_id: 'linus', role: 'member' },
  'member.left': { network_id: 'lobby', user_id: 'linus' },
  'request.join.pending': { network_id: 'attic', user_id: 'linus', request_id: 'req-1' },
  'admin.kick': { network_id: 'lobby', user_id: 'linus', reason: 'Violation of rules' },
  'admin.ban': { network_id: 'lobby', user_id: 'linus', reason: 'Permanent ban' },
  'net.updated': {
    network_id: 'lobby',
    changes: ['name'],
    updated_by: 'ada',
    properties: { name: 'New name' },
  },
  'session.welcome': {
    session_id: 'session-1',
    user_id: 'ada',
    tenant_id: 'demo',
    server: { name: 'goconnect-fake', version: '0' },
    server_time: AT,
    token_expires_in: 900,
    rooms: [{ room: 'host', epoch: 'epoch-1', seq: 0 }],
    limits: { max_message_bytes: 524_288, messages_per_minute: 100, network_messages_per_minute: 1_000 },
    heartbeat: { ping_period_ms: 54_000, pong_wait_ms: 60_000 },
    resume: { window_ms: 300_000, max_events_per_room: 1_000 },
    dedupe_window_ms: 86_400_000,
  },
  'session.draining': { reconnect_after_ms: 1_000, deadline_ms: 10_000, reason: 'deploy' },
};
