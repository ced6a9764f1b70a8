import { casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import type { WireClient } from '../wire-client.js';

const v1 = { needs: 'v1', also: ['admin'] } as const;

interface Page {
  readonly bodies: readonly string[];
  readonly next: string | null;
}

async function page(client: WireClient, asked: object): Promise<Page> {
  const reply = await client.ack('chat.history', asked);
  const messages = reply.data.messages as readonly { body: string }[];
  return { bodies: messages.map(({ body }) => body), next: reply.data.next as string | null };
}

/** B3.5: history and presence. */
export const HISTORY_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'pages through history, newest first, each message once, in the order of the log',
    rules: ['B3.5/before', 'B3.5/limit', 'B3.1/one-order'],
    ...v1,
    async run({ connect, network, one }) {
      const scope = `network:${await network()}`;
      const client = await connect(one);
      for (let count = 1; count <= 7; count++) await client.ack('chat.send', { scope, body: String(count) });
      const bodies: unknown[] = [];
      for (let before: string | undefined; ; ) {
        const page = await client.ack('chat.history', {
          scope,
          limit: 3,
          ...(before !== undefined && { before }),
        });
        bodies.push(...(page.data.messages as readonly { body: string }[]).map(({ body }) => body));
        if (page.data.next === null) break;
        before = String(page.data.next);
        must(bodies.length <= 7, 'history repeats messages');
      }
      mustEqual(bodies, ['7', '6', '5', '4', '3', '2', '1'], 'history');
      for (const limit of [0, 101])
        await client.error('ERR_INVALID_MESSAGE', 'chat.history', { scope, limit });
    },
  },
  {
    name: 'gives messages as they were told, with what was edited since',
    rules: ['B3.5/messages', 'B4.2/committed'],
    ...v1,
    async run({ connect, network, one, two }) {
      const scope = `network:${await network()}`;
      const [reader, author] = [await connect(one), await connect(two)];
      const { data } = await author.ack('chat.send', {
        scope,
        body: 'draft',
        attachments: ['https://a.example/1'],
      });
      const told = await reader.event('chat.message', { id: data.message_id });
      const history = async () => {
        const { messages } = (await reader.ack('chat.history', { scope })).data;
        return (messages as readonly Record<string, unknown>[])[0] ?? {};
      };
      const shown = await history();
      for (const [field, value] of Object.entries(told.data))
        mustEqual(shown[field] ?? null, value, `${field} in history`);
      await author.ack('chat.edit', { message_id: data.message_id, new_body: 'final' });
      mustEqual((await history()).body, 'final', 'the body after an edit');
    },
  },
  {
    name: 'shows history to members only',
    rules: ['B3.5/members'],
    ...v1,
    async run({ connect, admin, one, two }) {
      const scope = `network:${await admin.newNetwork(one, { visibility: 'private' })}`;
      const stranger = await connect(two);
      await stranger.error('ERR_NOT_FOUND', 'chat.history', { scope });
      await stranger.error('ERR_NOT_FOUND', 'presence.list', { room: scope });
    },
  },
  {
    name: 'lists who is in a room, with presence',
    rules: ['B3.5/presence'],
    ...v1,
    async run({ connect, network, one, two }) {
      const room = `network:${await network()}`;
      const client = await connect(one);
      await connect(two);
      const list = await client.ack('presence.list', { room });
      const members = list.data.members as readonly { user_id: string; status: string }[];
      mustEqual(
        members.map(({ user_id, status }) => `${user_id} ${status}`).sort(),
        [`${one.id} online`, `${two.id} online`].sort(),
        'members',
      );
      mustEqual(list.data.total, 2, 'total');
    },
  },
  {
    name: 'goes on in history after a message, each message once',
    rules: ['B3.5/after'],
    ...v1,
    async run({ connect, network, one }) {
      const scope = `network:${await network()}`;
      const client = await connect(one);
      const first = await client.ack('chat.send', { scope, body: '1' });
      for (let count = 2; count <= 7; count++) await client.ack('chat.send', { scope, body: String(count) });
      const bodies: string[] = [];
      for (let after: string | null = String(first.data.message_id); after !== null; ) {
        const got: Page = await page(client, { scope, limit: 3, after });
        bodies.push(...got.bodies);
        after = got.next;
        must(bodies.length <= 6, 'history repeats messages');
      }
      mustEqual(bodies.sort(), ['2', '3', '4', '5', '6', '7'], 'history after the first message');
    },
  },
  {
    name: 'gives 50 messages of history when no limit is named',
    rules: ['B3.5/limit'],
    ...v1,
    async run({ connect, network, one }) {
      const scope = `network:${await network()}`;
      const client = await connect(one);
      for (let count = 1; count <= 51; count++) client.send('chat.send', { scope, body: String(count) });
      await client.until('51 messages', () => client.events('chat.message', { scope })[50]);
      const got = await page(client, { scope });
      mustEqual([got.bodies.length, got.bodies[0]], [50, '51'], 'messages, and the newest');
      must(got.next !== null, 'next is null although one message is left');
    },
  },
]);
