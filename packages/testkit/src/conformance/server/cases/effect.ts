import { casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import type { WireClient } from '../wire-client.js';

async function sendOnce(client: WireClient, scope: string, opId: string, body = 'once'): Promise<unknown> {
  return (await client.ack('chat.send', { scope, body }, opId)).data;
}

const key = (): string => `key-${Math.random().toString(36).slice(2)}`;

/** B4: one effect, however often a client repeats. */
export const EFFECT_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'gives a repeat on the same connection the same ack and no second effect',
    rules: ['B4.1/connection'],
    async run({ connect, one, two }) {
      const [client, reader] = [await connect(one), await connect(two)];
      const opId = key();
      const first = await sendOnce(client, 'host', opId, opId);
      mustEqual(await sendOnce(client, 'host', opId, opId), first, 'the ack of the repeat');
      await reader.event('chat.message', { body: opId });
      await reader.settle();
      mustEqual(reader.events('chat.message', { body: opId }).length, 1, 'messages');
    },
  },
  {
    name: 'gives a repeat on another connection the same ack and no second effect',
    rules: ['B4.1/reconnect'],
    needs: 'v1',
    async run({ connect, one, two }) {
      const reader = await connect(two);
      const opId = key();
      const before = await connect(one);
      const first = await sendOnce(before, 'host', opId, opId);
      await before.close();
      const after = await connect(one);
      mustEqual(await sendOnce(after, 'host', opId, opId), first, 'the ack of the repeat');
      await reader.event('chat.message', { body: opId });
      await reader.settle();
      mustEqual(reader.events('chat.message', { body: opId }).length, 1, 'messages');
    },
  },
  {
    name: 'remembers edits, deletions and redactions as well',
    rules: ['B4.1/types'],
    needs: 'v1',
    also: ['admin'],
    async run({ connect, network, one }) {
      const scope = `network:${await network()}`;
      const client = await connect(one);
      const { data } = await client.ack('chat.send', { scope, body: 'x' });
      const message_id = data.message_id;
      const asked: readonly (readonly [string, object, string])[] = [
        ['chat.edit', { message_id, new_body: 'y' }, 'chat.edited'],
        ['chat.redact', { message_id, mask: '*' }, 'chat.redacted'],
        ['chat.delete', { message_id, mode: 'soft' }, 'chat.deleted'],
      ];
      for (const [type, request, event] of asked) {
        const opId = key();
        const first = await client.ack(type, request, opId);
        mustEqual((await client.ack(type, request, opId)).data, first.data, `the ack of a repeated ${type}`);
        await client.event(event, { message_id });
        await client.settle();
        mustEqual(client.events(event, { message_id }).length, 1, `${event} events`);
      }
    },
  },
  {
    name: 'refuses the same op_id with other data',
    rules: ['B4.1/reused'],
    needs: 'v1',
    async run({ connect, one }) {
      const client = await connect(one);
      const opId = key();
      await sendOnce(client, 'host', opId, 'this');
      const reply = await client.error(
        'ERR_INVALID_MESSAGE',
        'chat.send',
        { scope: 'host', body: 'that' },
        opId,
      );
      mustEqual(reply.error?.details?.reason, 'op_id_reused', 'details.reason');
    },
  },
  {
    name: 'lets two users use the same op_id',
    rules: ['B4.1/per-user'],
    needs: 'v1',
    async run({ connect, one, two }) {
      const opId = key();
      const [first, second] = [
        await sendOnce(await connect(one), 'host', opId),
        await sendOnce(await connect(two), 'host', opId),
      ];
      must(JSON.stringify(first) !== JSON.stringify(second), 'two users got the same message');
    },
  },
  {
    name: 'without v1 takes the same op_id of another connection as something new',
    rules: ['B4.1/base'],
    async run({ connect, one }) {
      const opId = key();
      const [a, b] = [await connect(one, { v1: false }), await connect(one, { v1: false })];
      const [first, second] = [await sendOnce(a, 'host', opId), await sendOnce(b, 'host', opId)];
      must(
        JSON.stringify(first) !== JSON.stringify(second),
        'a second connection got the message of the first',
      );
    },
  },
  {
    name: 'has committed what it acknowledges: another connection reads it at once',
    rules: ['B4.2/committed'],
    needs: 'v1',
    also: ['admin'],
    async run({ connect, network, one, two }) {
      const scope = `network:${await network()}`;
      const [writer, reader] = [await connect(one), await connect(two)];
      for (let count = 0; count < 10; count++) {
        const { data } = await writer.ack('chat.send', { scope, body: `committed ${count}` });
        const page = await reader.ack('chat.history', { scope, limit: 1 });
        mustEqual(
          (page.data.messages as readonly { id: string }[])[0]?.id,
          data.message_id,
          'the newest message',
        );
      }
    },
  },
  {
    name: 'remembers an operation across a restart',
    rules: ['B4.1/restart'],
    needs: 'v1',
    also: ['admin', 'restart'],
    async run({ connect, admin, one }) {
      const opId = key();
      const before = await connect(one);
      const first = await sendOnce(before, 'host', opId);
      await admin.restart?.();
      mustEqual(await sendOnce(await connect(one), 'host', opId), first, 'the ack of the repeat');
    },
  },
]);
