import type { RequestType } from '@goconnect/protocol/validators';
import { isObject } from '../../../support/is-object.js';
import { ABSENCE, casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import type { WireClient, WireEnvelope } from '../wire-client.js';

async function answeredOnce(client: WireClient, type: RequestType, data: object): Promise<WireEnvelope> {
  const reply = await client.request(type, data);
  await client.settle();
  mustEqual(client.replies(reply.op_id ?? '').length, 1, `replies to one ${type}`);
  return reply;
}

/** A2: requests and replies. */
export const REQUEST_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'answers every request of the base contract exactly once, with its op_id',
    rules: ['A2.1/once', 'A2.1/op-id', 'A2.6/edit', 'A2.6/delete', 'A2.6/leave', 'page/send', 'page/join'],
    async run({ connect, one }) {
      const client = await connect(one);
      const sent = await answeredOnce(client, 'chat.send', { scope: 'host', body: 'draft' });
      mustEqual(sent.type, 'ack', 'type of the reply');
      mustEqual(sent.data.status, 'sent', 'status');
      const message_id = sent.data.message_id as string;
      const edited = await answeredOnce(client, 'chat.edit', { message_id, new_body: 'final' });
      mustEqual(
        [edited.data.message_id, edited.data.status, typeof edited.data.edited_at],
        [message_id, 'edited', 'string'],
        'reply to chat.edit',
      );
      const deleted = await answeredOnce(client, 'chat.delete', { message_id, mode: 'soft' });
      mustEqual(
        [deleted.data.message_id, deleted.data.status, deleted.data.mode, typeof deleted.data.deleted_at],
        [message_id, 'deleted', 'soft', 'string'],
        'reply to chat.delete',
      );
      const joined = await answeredOnce(client, 'room.join', { room: 'host' });
      mustEqual([joined.data.room, joined.data.status], ['host', 'joined'], 'reply to room.join');
      const left = await answeredOnce(client, 'room.leave', { room: 'host' });
      mustEqual([left.data.room, left.data.status], ['host', 'left'], 'reply to room.leave');
      const pong = await answeredOnce(client, 'presence.ping', {});
      must(pong.type === 'presence.pong' || pong.error, 'presence.ping was not answered with presence.pong');
    },
  },
  {
    name: 'answers presence.ping with presence.pong and a time',
    rules: ['A2.1/pong', 'page/pong'],
    async run({ connect, one }) {
      const client = await connect(one);
      const pong = await client.request('presence.ping', {});
      mustEqual(pong.type, 'presence.pong', 'type of the reply');
      must(typeof pong.data.timestamp === 'string', 'presence.pong has no timestamp');
    },
  },
  {
    name: 'echoes the op_id unchanged, whatever characters it has',
    rules: ['A2.1/op-id'],
    async run({ connect, one }) {
      const client = await connect(one);
      for (const opId of ['op-1', 'ü€😀', 'a"b\\c', ' spaces ', '0'])
        await client.ack('room.join', { room: 'host' }, opId);
    },
  },
  {
    name: 'answers a refused request exactly once as well',
    rules: ['A2.1/once'],
    async run({ connect, one }) {
      const client = await connect(one);
      const reply = await answeredOnce(client, 'chat.edit', { message_id: 'no-such-message', new_body: 'x' });
      mustEqual(reply.error?.code, 'ERR_NOT_FOUND', 'code');
    },
  },
  {
    name: 'lets two sends of one connection take effect in the order received',
    rules: ['A2.2/order'],
    async run({ connect, one, two }) {
      const [sender, reader] = [await connect(one), await connect(two)];
      const run = Math.random().toString(36).slice(2);
      const bodies = Array.from({ length: 20 }, (_, index) => `${run} ${index}`);
      for (const body of bodies) sender.send('chat.send', { scope: 'host', body });
      await reader.event('chat.message', { body: bodies.at(-1) });
      const got = reader
        .events('chat.message')
        .map(({ data }) => data.body)
        .filter((body) => String(body).startsWith(run));
      mustEqual(got, bodies, 'order of messages');
    },
  },
  {
    name: 'gives error envelopes a code, a message and details',
    rules: ['page/error'],
    async run({ connect, one }) {
      const client = await connect(one);
      const { type, error } = await client.error('ERR_NOT_FOUND', 'chat.edit', {
        message_id: 'nope',
        new_body: 'x',
      });
      mustEqual(type, 'error', 'type');
      must(typeof error?.message === 'string' && error.message.length > 0, 'the error has no message');
      const absent = error.details === undefined ? ` (${ABSENCE})` : '';
      must(isObject(error.details), `page/error: the error has no details${absent}`);
    },
  },
]);
