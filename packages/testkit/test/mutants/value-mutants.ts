import type { Envelope, Mutation } from './mutant-dial.js';
import { remember } from './server-mutants.js';
import { events, items, mutantsOf, replies, texts } from './table.js';

const no = (field: string) => (data: Readonly<Record<string, unknown>>) => {
  const { [field]: _, ...rest } = data;
  return rest;
};
/** Tells that there is what somebody may not know of. */
const forbids = (type: string): Mutation => ({
  up: remember,
  down: (envelope, { memory }) =>
    envelope.error?.code === 'ERR_NOT_FOUND' &&
    (memory.get(envelope.op_id ?? '') as Envelope | undefined)?.type === type
      ? { ...envelope, error: { ...envelope.error, code: 'ERR_FORBIDDEN' } }
      : envelope,
});
const A_NUMBER = 1_735_689_600_000;
const LENGTH = 'takes bodies of 1 to 4096 code points, and refuses 0 and 4097';

/** Everything is answered and told, with something in it that is not so. */
export const VALUE_MUTANTS = mutantsOf({
  'sends every event with the fields that are published, and tells in them what happened': [
    ['created_at a number', 'page/events', events('chat.message', { created_at: A_NUMBER })],
    ['created_at no date', 'page/events', events('chat.message', { created_at: 'yesterday' })],
    [
      'created_at no day of any month',
      'page/events',
      events('chat.message', { created_at: '2026-13-41T00:00:00Z' }),
    ],
    ['attachments null', 'page/events', events('chat.message', { attachments: null })],
    ['another author', 'page/events', events('chat.message', { user_id: 'nobody' })],
    ['another scope', 'page/events', events('chat.message', { scope: 'host' })],
    ['redacted from the start', 'page/events', events('chat.message', { redacted: true })],
    ['edited_at a number', 'page/events', events('chat.edited', { edited_at: A_NUMBER })],
    ['another new_body', 'page/events', events('chat.edited', { new_body: 'draft' })],
    ['deleted_at a number', 'page/events', events('chat.deleted', { deleted_at: A_NUMBER })],
    ['always soft', 'page/events', events('chat.deleted', { mode: 'soft' })],
    ['always hard', 'page/events', events('chat.deleted', { mode: 'hard' })],
    ['redacted_by an object', 'page/events', events('chat.redacted', { redacted_by: { id: 1 } })],
    ['redacted by another', 'page/events', events('chat.redacted', { redacted_by: 'nobody' })],
  ],
  'says who came, who went, and why': [
    ['since null', 'page/events', events('presence.update', { since: null })],
    ['since no date', 'page/events', events('presence.update', { since: 'later' })],
    ['nobody online', 'page/events', events('presence.update', { status: 'offline' })],
    ['role a number', 'page/events', events('member.joined', { role: 3 })],
    ['everyone an owner', 'page/events', events('member.joined', { role: 'owner' })],
    ['another joined', 'page/events', events('member.joined', { user_id: 'nobody' })],
    ['another network joined', 'page/events', events('member.joined', { network_id: 'none' })],
    ['another left', 'page/events', events('member.left', { user_id: 'nobody' })],
    ['another network left', 'page/events', events('member.left', { network_id: 'none' })],
    ['another reason for a kick', 'page/events', events('admin.kick', { reason: '' })],
    ['another reason for a ban', 'page/events', events('admin.ban', { reason: '' })],
    ['request_id a number', 'page/events', events('request.join.pending', { request_id: 7 })],
    ['another who asks', 'page/events', events('request.join.pending', { user_id: 'nobody' })],
  ],
  'says who changed which settings of a network to what': [
    ['updated_by null', 'page/events', events('net.updated', { updated_by: null })],
    ['updated by another', 'page/events', events('net.updated', { updated_by: 'nobody' })],
    ['changes unnamed', 'page/events', events('net.updated', { changes: [] })],
    ['properties unnamed', 'page/events', events('net.updated', { properties: {} })],
  ],
  'sends one JSON envelope per frame': [
    [
      'an event amiss where no case looks at it',
      'page/events',
      events('chat.message', { created_at: A_NUMBER }),
    ],
  ],
  'answers every request of the base contract exactly once, with its op_id': [
    ['the reply to an edit without a date', 'A2.6/edit', replies('edited_at', { edited_at: 'now' })],
    [
      'the reply to a deletion without a date',
      'A2.6/delete',
      replies('deleted_at', { deleted_at: A_NUMBER }),
    ],
    ['the reply to a message with a number', 'page/send', replies('message_id', { message_id: 7 })],
  ],
  'answers presence.ping with presence.pong and a time': [
    ['timestamp a number', 'page/pong', replies('timestamp', { timestamp: A_NUMBER })],
    ['timestamp no date', 'page/pong', replies('timestamp', { timestamp: 'now' })],
  ],
  'gives messages as they were told, with what was edited since': [
    ['history names another author', 'B3.5/messages', items('messages', (one) => ({ ...one, user_id: 'x' }))],
    ['history without dates', 'B3.5/messages', items('messages', (one) => ({ ...one, created_at: 'x' }))],
    [
      'history tells another time',
      'B3.5/messages',
      items('messages', (one) => ({ ...one, created_at: '2026-01-01T00:00:00Z' })),
    ],
    [
      'history without attachments',
      'B3.5/messages',
      items('messages', (one) => ({ ...one, attachments: [] })),
    ],
    ['history knows no edit', 'B3.5/messages', items('messages', (one) => ({ ...one, body: 'draft' }))],
  ],
  'lists who is in a room, with presence': [
    ['since no date in a list', 'B3.5/presence', items('members', (one) => ({ ...one, since: 'x' }))],
  ],
  'does not know networks and tenants of others': [
    ['a deletion in another tenant forbidden, not unknown', 'A3.3/message', forbids('chat.delete')],
    ['a redaction in another tenant forbidden, not unknown', 'A3.3/message', forbids('chat.redact')],
  ],
  'denies rooms that one is not in, and tells nothing about them': [
    [
      'a denied room told with its place',
      'B3.3/denied',
      items('rooms', (one) => (one.status === 'denied' ? { ...one, epoch: 'secret', seq: 99 } : one)),
    ],
  ],
  'rotates refresh tokens, and gives the same pair to the same op_id again': [
    ['expires_in negative', 'page/refresh', replies('expires_in', { expires_in: -5 })],
    ['expires_in zero', 'page/refresh', replies('expires_in', { expires_in: 0 })],
  ],
  'gives error envelopes a code, a message and details': [
    [
      'errors without details',
      'page/error',
      {
        down: ({ error, ...rest }) =>
          error ? JSON.stringify({ ...rest, error: { code: error.code, message: error.message } }) : rest,
      },
    ],
  ],
  'gives texts back as they were sent, byte for byte': [
    ['bodies trimmed', 'page/text', texts('chat.send', 'body', (text) => text.trim() || text)],
    [
      'bodies escaped for HTML',
      'page/text',
      texts('chat.send', 'body', (text) => text.replace(/</g, '&lt;')),
    ],
    ['bodies unescaped', 'page/text', texts('chat.send', 'body', (text) => text.replace(/&amp;/g, '&'))],
    ['bodies composed', 'page/text', texts('chat.send', 'body', (text) => text.normalize('NFC'))],
    ['bodies decomposed', 'page/text', texts('chat.send', 'body', (text) => text.normalize('NFD'))],
    ['line ends made one', 'page/text', texts('chat.send', 'body', (text) => text.replace(/\r\n/g, '\n'))],
    [
      'unseen characters left out',
      'page/text',
      texts('chat.send', 'body', (text) => text.replace(/[\u200d\ufeff]/g, '')),
    ],
    [
      'edits trimmed',
      'page/text',
      events('chat.edited', (data) => ({ ...data, new_body: String(data.new_body).trim() })),
    ],
  ],
  [LENGTH]: [
    ['an empty edit taken', 'A3.5/body-length', texts('chat.edit', 'new_body', (text) => text || 'x')],
    [
      'an edit of 4097 characters taken',
      'A3.5/body-length',
      texts('chat.edit', 'new_body', (text) => [...text].slice(0, 4_096).join('')),
    ],
  ],
  'tells clients of a drain, each its own time, and closes with 4412 at the deadline': [
    ['a drain without a reason', 'B5.1/draining', events('session.draining', no('reason'))],
  ],
});
