import { casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import type { WireClient, WireEnvelope } from '../wire-client.js';

const MEGABYTE = 1024 * 1024;
/** A body of 4,096 code points and 10 attachments, as a client writes them. */
const LARGEST_MESSAGE = 36 * 1024;

/** Sends text that is no valid request and expects the refusal of A1.5, on a connection that lives on. */
async function refused(
  client: WireClient,
  text: string,
  reason: string,
  opId?: string,
): Promise<WireEnvelope> {
  const before = client.received.length;
  client.sendText(text);
  const reply = await client.until('an error', () =>
    client.received.slice(before).find(({ type }) => type === 'error'),
  );
  mustEqual(reply.error?.code, 'ERR_INVALID_MESSAGE', `the code for ${text.slice(0, 60)}`);
  mustEqual(reply.error?.details?.reason, reason, `details.reason for ${text.slice(0, 60)}`);
  mustEqual(reply.op_id, opId, 'the op_id of the error');
  await client.settle();
  return reply;
}

/** Of so many bytes; what it is filled with is a field that nobody knows (A1.4). */
function pingOf(op_id: string, bytes: number): string {
  const empty = JSON.stringify({ type: 'presence.ping', op_id, data: {}, filling: '' });
  return empty.replace('""}', `"${'x'.repeat(bytes - empty.length)}"}`);
}

const envelope = (parts: object): string => JSON.stringify(parts);

/** A1: frames, and what is no valid message. */
export const FRAME_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'sends one JSON envelope per frame',
    rules: ['A1.1/one-envelope'],
    async run({ connect, one }) {
      const client = await connect(one);
      await client.ack('chat.send', { scope: 'host', body: 'one per frame' });
      await client.event('chat.message', { body: 'one per frame' });
      await client.settle();
      for (const frame of client.frames) JSON.parse(frame);
    },
  },
  {
    name: 'closes with 1003 after a binary frame',
    rules: ['A1.2/binary'],
    async run({ connect, one }) {
      const client = await connect(one);
      client.sendBinary(new Uint8Array([123, 125]));
      mustEqual((await client.closed()).code, 1003, 'close code');
    },
  },
  {
    name: 'closes with 1009 after a frame that is too big',
    rules: ['A1.2/too-big'],
    async run({ connect, one }) {
      const client = await connect(one);
      client.send('chat.send', { scope: 'host', body: 'x'.repeat(MEGABYTE) });
      mustEqual((await client.closed()).code, 1009, 'close code');
    },
  },
  {
    name: 'takes a frame of the size that the welcome names, and none larger',
    rules: ['A1.2/too-big', 'B2/fields'],
    needs: 'v1',
    async run({ connect, one }) {
      const client = await connect(one);
      const { limits } = (await client.event('session.welcome')).data;
      const most = Number((limits as Record<string, unknown>).max_message_bytes);
      must(most >= LARGEST_MESSAGE, `max_message_bytes is ${most}, less than the largest chat.send`);
      must(most <= 64 * MEGABYTE, `max_message_bytes is ${most}, which is no limit`);
      client.sendText(pingOf('as-large-as-may-be', most));
      await client.until('an answer to the largest frame', () => client.replies('as-large-as-may-be')[0]);
      client.sendText(pingOf('too-large', most + 1));
      mustEqual((await client.closed()).code, 1009, 'close code');
    },
  },
  {
    name: 'does not compress, also when a client offers to',
    rules: ['A1.3/server'],
    async run({ dial, one }) {
      const { extensions } = await dial(one).opened();
      mustEqual(extensions, '', 'negotiated extensions');
    },
  },
  {
    name: 'ignores unknown fields beside and inside data',
    rules: ['A1.4/unknown-field'],
    async run({ connect, one }) {
      const client = await connect(one);
      await client.ack('chat.send', { scope: 'host', body: 'tolerant', future: { field: 1 } }, undefined, {
        future: true,
      });
    },
  },
  {
    name: 'answers malformed JSON with not_json and stays open',
    rules: ['A1.5/not-json', 'A1.5/code', 'A1.5/stays-open'],
    async run({ connect, one }) {
      const client = await connect(one);
      for (const text of ['{', '', 'hello', '{"type":"chat.send","op_id":"x"', '{}{}'])
        await refused(client, text, 'not_json');
    },
  },
  {
    name: 'answers what is no envelope with the reason envelope, echoing a readable op_id',
    rules: ['A1.5/non-object', 'A1.5/code', 'A1.5/echo', 'A1.5/stays-open', 'A2.1/op-id'],
    async run({ connect, one }) {
      const client = await connect(one);
      for (const text of ['null', '42', '[]', '"text"', '{}']) await refused(client, text, 'envelope');
      await refused(client, envelope({ op_id: 'no-type', data: {} }), 'envelope', 'no-type');
      await refused(client, envelope({ type: 7, op_id: 'odd-type', data: {} }), 'envelope', 'odd-type');
    },
  },
  {
    name: 'refuses a missing, empty, wrong or over-long op_id, and takes one of 128',
    rules: ['A1.5/op-id', 'A1.5/code'],
    async run({ connect, one }) {
      const client = await connect(one);
      for (const op_id of [undefined, '', 7, null, {}, 'x'.repeat(129)]) {
        await refused(client, envelope({ type: 'presence.ping', op_id, data: {} }), 'envelope');
      }
      await client.ack('room.join', { room: 'host' }, 'y'.repeat(128));
    },
  },
  {
    name: 'answers an unknown type with unknown_type, also the names that every object has',
    rules: ['A1.5/unknown-type', 'A1.5/code', 'A1.6/prototype'],
    async run({ connect, one }) {
      const client = await connect(one);
      for (const type of ['chat.shout', 'constructor', '__proto__', 'toString', 'hasOwnProperty']) {
        await refused(
          client,
          envelope({ type, op_id: `unknown-${type}`, data: {} }),
          'unknown_type',
          `unknown-${type}`,
        );
      }
    },
  },
  {
    name: 'names the first wrong field of data',
    rules: ['A1.5/validation', 'A1.5/field'],
    async run({ connect, one }) {
      const client = await connect(one);
      const wrong: readonly (readonly [string, object, string])[] = [
        ['chat.send', { body: 'no scope' }, 'data.scope'],
        ['chat.send', { scope: 'host' }, 'data.body'],
        ['chat.send', { scope: 'host', body: 7 }, 'data.body'],
        ['chat.edit', { new_body: 'x' }, 'data.message_id'],
        ['chat.delete', { message_id: 'm', mode: 'medium' }, 'data.mode'],
        ['chat.redact', { message_id: 'm' }, 'data.mask'],
        ['room.join', {}, 'data.room'],
        ['auth.refresh', {}, 'data.refresh_token'],
      ];
      for (const [type, data, field] of wrong) {
        const reply = await refused(
          client,
          envelope({ type, op_id: `f-${field}-${type}`, data }),
          'validation',
          `f-${field}-${type}`,
        );
        mustEqual(reply.error?.details?.field, field, `details.field for ${type}`);
      }
    },
  },
  {
    name: 'closes with 4400 after more than 20 invalid messages within 10 s, and not after 20',
    rules: ['A1.5/flood', 'A7/4400'],
    async run({ connect, one }) {
      const client = await connect(one);
      for (let count = 0; count < 20; count++) client.sendText('{');
      await client.settle();
      must(client.open, 'the connection was closed after 20 invalid messages');
      client.sendText('{');
      mustEqual((await client.closed()).code, 4400, 'close code');
    },
  },
  {
    name: 'keeps its errors short, however large the wrong input is',
    rules: ['A1.5/short'],
    async run({ connect, one }) {
      const client = await connect(one);
      const attachments = Array.from({ length: 9_000 }, (_, index) => index);
      client.send('chat.send', { scope: 'x'.repeat(50_000), body: 7, attachments });
      client.send('no such type '.repeat(9_000), {});
      await client.until('two errors', () => client.received.filter(({ type }) => type === 'error')[1]);
      for (const frame of client.frames.filter((text) => text.includes('"error"')))
        must(frame.length < 4_096, `an error has ${frame.length} characters`);
    },
  },
  {
    name: 'names at most three faults, however many there are',
    rules: ['A1.5/three-faults'],
    async run({ connect, one }) {
      const client = await connect(one);
      const attachments = Array.from({ length: 10 }, (_, index) => `no address ${index}`);
      const { error } = await client.error('ERR_INVALID_MESSAGE', 'chat.send', {
        scope: 7,
        body: 7,
        attachments,
      });
      const named = new Set(JSON.stringify(error).match(/data\.[a-z_]+(\.\d+)?/g));
      must(named.size >= 1 && named.size <= 3, `the error names ${[...named].join(', ') || 'no fault'}`);
    },
  },
  {
    name: 'refuses nesting over 32 levels and objects with more than 256 keys',
    rules: ['A1.6/depth', 'A1.6/keys'],
    async run({ connect, one }) {
      const client = await connect(one);
      const deep = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`;
      const wide = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, index]));
      for (const [name, data] of [
        ['deep', deep],
        ['wide', JSON.stringify(wide)],
      ]) {
        client.sendText(`{"type":"presence.ping","op_id":"${name}","data":${data}}`);
        const reply = await client.until(
          'an error',
          () => client.received.filter(({ type }) => type === 'error')[name === 'deep' ? 0 : 1],
        );
        mustEqual(reply.error?.code, 'ERR_INVALID_MESSAGE', `code for ${name}`);
      }
      await client.settle();
    },
  },
  {
    name: 'survives 40 KB of opening brackets, without keeping others waiting',
    rules: ['A1.6/survives'],
    async run({ connect, one, two }) {
      const [client, other] = [await connect(one), await connect(two)];
      client.sendText('['.repeat(40_000));
      client.sendText(
        `{"type":"presence.ping","op_id":"x","data":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      );
      await other.settle();
      await client.settle();
    },
  },
  {
    name: 'lets no __proto__ reach anything',
    rules: ['A1.6/prototype'],
    async run({ connect, one }) {
      const client = await connect(one);
      client.sendText(
        '{"type":"chat.send","op_id":"proto","data":{"scope":"host","__proto__":{"body":"polluted"}}}',
      );
      const reply = await client.until('a reply', () => client.replies('proto')[0]);
      mustEqual(reply.error?.details?.field, 'data.body', 'the missing field');
      await client.ack('chat.send', { scope: 'host', body: 'not polluted' });
    },
  },
]);
