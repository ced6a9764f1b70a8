import { casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import type { WireClient } from '../wire-client.js';

/** Fields of each event, as the published page shows them. */
const PUBLISHED: Readonly<Record<string, readonly string[]>> = {
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
};
const NET_UPDATED = ['network_id', 'changes', 'updated_by', 'properties'];

const CODES = [
  'ERR_UNAUTHORIZED',
  'ERR_INVALID_MESSAGE',
  'ERR_HANDLER_FAILED',
  'ERR_FORBIDDEN',
  'ERR_NOT_FOUND',
  'ERR_RATE_LIMIT',
];

async function mustHaveFields(client: WireClient, type: string, fields: readonly string[]): Promise<void> {
  const { data } = await client.event(type);
  const missing = fields.filter((field) => !Object.hasOwn(data, field));
  mustEqual(missing, [], `fields that ${type} lacks`);
}

/** What the published page says of messages from the server. */
export const EVENT_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'sends every event with the fields that are published',
    rules: ['page/events'],
    also: ['admin'],
    async run({ connect, network, admin, one, two }) {
      const id = await network();
      const watcher = await connect(one, { v1: false });
      const [kicked, banned, asking] = [await admin.newUser(), await admin.newUser(), await admin.newUser()];
      await connect(kicked);
      for (const user of [kicked, banned]) await admin.join(id, user);
      const author = await connect(two, { v1: false });
      const { data } = await author.ack('chat.send', { scope: `network:${id}`, body: 'draft' });
      const message_id = data.message_id;
      await author.ack('chat.edit', { message_id, new_body: 'final' });
      await watcher.ack('chat.redact', { message_id, mask: '***' });
      await author.ack('chat.delete', { message_id, mode: 'soft' });
      await admin.kick(id, one, kicked, 'rules');
      await admin.ban(id, one, banned, 'for good');
      await admin.join(await admin.newNetwork(one, { joinPolicy: 'approval' }), asking);
      for (const [type, fields] of Object.entries(PUBLISHED)) await mustHaveFields(watcher, type, fields);
    },
  },
  {
    name: 'says who changed which settings of a network to what',
    rules: ['page/events'],
    also: ['admin', 'rename'],
    async run({ connect, network, admin, one }) {
      const id = await network();
      const watcher = await connect(one, { v1: false });
      await admin.rename?.(id, one, 'Another name');
      await mustHaveFields(watcher, 'net.updated', NET_UPDATED);
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
