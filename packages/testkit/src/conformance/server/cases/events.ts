import { eventValidators } from '@goconnect/protocol/validators';
import { ABSENCE, casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import type { WireClient } from '../wire-client.js';

/** Fields of each event, as the published page shows them. */
const PUBLISHED = {
  'chat.message': ['id', 'scope', 'user_id', 'body', 'redacted', 'deleted_at', 'attachments', 'created_at'],
  'chat.edited': ['message_id', 'new_body', 'edited_at'],
  'chat.deleted': ['message_id', 'mode', 'deleted_at'],
  'chat.redacted': ['message_id', 'redaction_mask', 'redacted_by'],
  'presence.update': ['user_id', 'status', 'since'],
  'member.joined': ['network_id', 'user_id', 'role'],
  'member.left': ['network_id', 'user_id'],
  'request.join.pending': ['network_id', 'user_id', 'request_id'],
  'admin.kick': ['network_id', 'user_id', 'reason'],
  'admin.ban': ['network_id', 'user_id', 'reason'],
  'net.updated': ['network_id', 'changes', 'updated_by', 'properties'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const CODES = [
  'ERR_UNAUTHORIZED',
  'ERR_INVALID_MESSAGE',
  'ERR_HANDLER_FAILED',
  'ERR_FORBIDDEN',
  'ERR_NOT_FOUND',
  'ERR_RATE_LIMIT',
];

/** The event that `key` picks out has every published field, and says this. */
async function mustTell(
  client: WireClient,
  type: keyof typeof PUBLISHED,
  key: object,
  says: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { data } = await client.event(type, key);
  const missing = PUBLISHED[type].filter((field) => !Object.hasOwn(data, field));
  const accepted = eventValidators[type](data, 'data').ok ? ` (${ABSENCE})` : '';
  must(missing.length === 0, `page/events: ${type} lacks ${missing.join(', ')}${accepted}`);
  const told = Object.fromEntries(Object.keys(says).map((field) => [field, data[field]]));
  mustEqual(told, says, type);
}

/** What the published page says of messages from the server. */
export const EVENT_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'sends every event with the fields that are published, and tells in them what happened',
    rules: ['page/events'],
    also: ['admin'],
    async run({ connect, network, one, two }) {
      const network_id = await network();
      const scope = `network:${network_id}`;
      const [watcher, author] = [await connect(one, { v1: false }), await connect(two, { v1: false })];
      const sent = await author.ack('chat.send', { scope, body: 'draft' });
      const message_id = sent.data.message_id;
      const fresh = { scope, body: 'draft', redacted: false, deleted_at: null, attachments: [] };
      await mustTell(watcher, 'chat.message', { id: message_id }, { ...fresh, user_id: two.id });
      await author.ack('chat.edit', { message_id, new_body: 'final' });
      await mustTell(watcher, 'chat.edited', { message_id }, { new_body: 'final' });
      await watcher.ack('chat.redact', { message_id, mask: '***' });
      const redacted = { redaction_mask: '***', redacted_by: one.id };
      await mustTell(watcher, 'chat.redacted', { message_id }, redacted);
      await author.ack('chat.delete', { message_id, mode: 'soft' });
      await mustTell(watcher, 'chat.deleted', { message_id }, { mode: 'soft' });
      const second = await author.ack('chat.send', { scope, body: 'gone for good' });
      const gone = { message_id: second.data.message_id };
      await author.ack('chat.delete', { ...gone, mode: 'hard' });
      await mustTell(watcher, 'chat.deleted', gone, { mode: 'hard' });
    },
  },
  {
    name: 'says who came, who went, and why',
    rules: ['page/events'],
    also: ['admin'],
    async run({ connect, network, admin, one }) {
      const network_id = await network();
      const watcher = await connect(one, { v1: false });
      const [kicked, banned, leaving, asking] = [
        await admin.newUser(),
        await admin.newUser(),
        await admin.newUser(),
        await admin.newUser(),
      ];
      await connect(kicked);
      await mustTell(watcher, 'presence.update', { user_id: kicked.id }, { status: 'online' });
      for (const user of [kicked, banned, leaving]) {
        await admin.join(network_id, user);
        await mustTell(watcher, 'member.joined', { user_id: user.id }, { network_id, role: 'member' });
      }
      await admin.kick(network_id, one, kicked, 'rules');
      await mustTell(watcher, 'admin.kick', { user_id: kicked.id }, { network_id, reason: 'rules' });
      await admin.ban(network_id, one, banned, 'for good');
      await mustTell(watcher, 'admin.ban', { user_id: banned.id }, { network_id, reason: 'for good' });
      await admin.leave(network_id, leaving);
      for (const { id: user_id } of [kicked, banned, leaving])
        await mustTell(watcher, 'member.left', { user_id }, { network_id });
      const closed = await admin.newNetwork(one, { joinPolicy: 'approval' });
      await admin.join(closed, asking);
      await mustTell(watcher, 'request.join.pending', { user_id: asking.id }, { network_id: closed });
    },
  },
  {
    name: 'says who changed which settings of a network to what',
    rules: ['page/events'],
    also: ['admin', 'rename'],
    async run({ connect, network, admin, one }) {
      const network_id = await network();
      const watcher = await connect(one, { v1: false });
      await admin.rename?.(network_id, one, 'Another name');
      await mustTell(
        watcher,
        'net.updated',
        { network_id },
        { changes: ['name'], updated_by: one.id, properties: { name: 'Another name' } },
      );
    },
  },
  {
    name: 'uses the published codes in messages of type error, and nowhere else',
    rules: ['page/codes', 'page/success', 'page/error'],
    async run({ connect, one, two }) {
      const [client, other] = [await connect(one), await connect(two)];
      const sent = await other.ack('chat.send', { scope: 'host', body: 'somebody elses' });
      const asked: readonly (readonly [string, object])[] = [
        ['auth.refresh', { refresh_token: 'no such token' }],
        ['chat.send', { scope: 'host' }],
        ['chat.edit', { message_id: sent.data.message_id, new_body: 'x' }],
        ['chat.edit', { message_id: 'nope', new_body: 'x' }],
        ['room.join', { room: 'network:there-is-no-such-network' }],
        ['room.join', { room: 'host' }],
        ['presence.ping', {}],
      ];
      for (const [type, data] of asked) await client.request(type, data);
      for (const { type, error } of client.received) {
        must(
          (type === 'error') === (error !== undefined),
          `a message of type ${type} does not fit its error`,
        );
        must(error === undefined || CODES.includes(error.code), `${error?.code} is no published code`);
      }
      mustEqual(client.received.filter(({ error }) => error).length, 5, 'errors');
    },
  },
]);
