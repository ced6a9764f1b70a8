import { both, type ClauseTable, client, hidden, OWN_TESTS, server } from './clause.js';

/** What `websocket-api.md` says by itself. */
export const PUBLISHED_PAGE: ClauseTable = {
  'page/error': server('An error has a code, a message and details, and is the type error.'),
  'page/codes': server('Codes are the six that are published.'),
  'page/success': server('Only errors carry error.'),
  'page/refresh': server('The reply to auth.refresh: access_token, refresh_token, expires_in, refreshed.'),
  'page/send': server('The reply to chat.send: message_id, sent.'),
  'page/join': server('The reply to room.join: room, joined.'),
  'page/pong': server('The reply to presence.ping: timestamp.'),
  'page/broadcast': server('All clients in the scope receive chat.message, the sender as well.'),
  'page/text': server('A text comes back as it was sent, byte for byte.'),
  'page/events': server('Every event has the fields that are published, and what they tell is so.'),
  'page/heard': client('Every published event reaches the application.'),
  'page/requests': client('A request is {type, op_id, data}, of the published types.'),
  'page/autojoin': both('Membership subscribes; nobody needs room.join to hear their networks.'),
  'page/ping-period': hidden('The server pings every 54 s.', 'as A6.4'),
  'page/settings': hidden('WS_* settings.', 'as A6.1'),
  'page/http': hidden('/health and /metrics.', `they are HTTP; ${OWN_TESTS}`),
};
