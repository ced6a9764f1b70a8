import { REQUESTS } from '@goconnect/protocol';
import type { Chance } from '../../testing/chance.js';

/** What there is to talk about: real rooms and messages, so that hostile frames get past the codec. */
export interface Subject {
  readonly rooms: readonly string[];
  /** Ids of messages sent lately. */
  readonly messages: readonly string[];
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Values that somebody, somewhere, once did not expect. */
const STRANGE: readonly (() => Json)[] = [
  () => null,
  () => true,
  () => 0,
  () => -0,
  () => -1,
  () => 1e308,
  () => 2 ** 53,
  () => 0.1,
  () => '',
  () => ' ',
  () => '\0',
  () => '\ud800',
  () => '\udc00a',
  () => '💬'.repeat(4_096),
  () => '💬'.repeat(4_097),
  () => 'x'.repeat(4_097),
  () => '\u202e\u2066\ufeff\u200b',
  () => 'e\u0301\u0301\u0301\u0301',
  () => '__proto__',
  () => 'constructor',
  () => 'hasOwnProperty',
  () => "'; DROP TABLE messages; --",
  () => '\u0024{jndi:ldap://127.0.0.1:1/x}',
  () => '<script>alert(1)</script>',
  () => '../../../../etc/passwd',
  () => 'network:',
  () => 'network:../lobby',
  () => 'tenant:acme',
  () => 'host\n',
  () => 'javascript:alert(1)',
  () => 'http://user:pass@x/',
  () => 'http://[::1',
  () => `http://${'a.'.repeat(900)}example/`,
  () => [],
  () => ({}),
  () => [[[[[[]]]]]],
  () => Array.from({ length: 300 }, () => null),
  () => Array.from({ length: 11 }, (_, n) => `https://x.example/${n}`),
  () => Object.fromEntries(Array.from({ length: 257 }, (_, n) => [`k${n}`, n])),
  () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  () => nested(33),
  () => nested(31),
  () => ({ toString: 'x', valueOf: null, toJSON: 'y', ...Object.fromEntries([['then', 'z']]) }),
];

const TYPES = [...Object.keys(REQUESTS), 'chat.send', 'chat.send', 'chat.edit', 'chat.delete', 'chat.redact'];
const STRANGE_TYPES = [
  '',
  'constructor',
  '__proto__',
  'toString',
  'ack',
  'error',
  'chat.message',
  'CHAT.SEND',
  'chat.send\0',
  'call.offer',
  'x'.repeat(10_000),
];
const BODIES = ['hi', ' ', '👩‍👩‍👧‍👦', 'a\u0000b', 'x'.repeat(200), 'ﷺ', '\u2028', 'עִבְרִית', '"\\\n\t'];

/** One text that a client might send: near to a real message, or far from it. */
export function hostileFrame(chance: Chance, subject: Subject, opId: string): string {
  const envelope = realEnvelope(chance, subject, opId);
  for (let changes = chance.below(4); changes > 0; changes--) distort(chance, envelope);
  return disfigure(chance, JSON.stringify(envelope));
}

/** The bytes of a real message with some of them wrong, as text. */
export function brokenFrame(chance: Chance, subject: Subject, opId: string): string {
  let bytes: Buffer = Buffer.from(JSON.stringify(realEnvelope(chance, subject, opId)));
  for (let changes = chance.below(3); changes > 0; changes--) bytes = breakBytes(chance, bytes);
  // What is not UTF-8 never gets past `ws`; the marks that stand for it here are as strange.
  return bytes.toString('utf8');
}

export function realEnvelope(chance: Chance, subject: Subject, opId: string): { [key: string]: Json } {
  const type = chance.pick(TYPES);
  const envelope: { [key: string]: Json } = { type, op_id: opId, data: realData(chance, type, subject) };
  if (chance.once(10))
    envelope.meta = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
  return envelope;
}

function realData(chance: Chance, type: string, { rooms, messages }: Subject): { [key: string]: Json } {
  const room = chance.pick(rooms);
  const message_id = messages.length > 0 ? chance.pick(messages) : 'msg-none';
  switch (type) {
    case 'chat.send':
      return {
        scope: room,
        body: chance.pick(BODIES),
        ...(chance.once(4) && { attachments: ['https://x.example/a.png'] }),
      };
    case 'chat.edit':
      return { message_id, new_body: chance.pick(BODIES) };
    case 'chat.delete':
      return { message_id, mode: chance.pick(['soft', 'hard']) };
    case 'chat.redact':
      return { message_id, mask: '***' };
    case 'chat.history':
      return { scope: room, limit: 1 + chance.below(20), ...(chance.once(2) && { before: message_id }) };
    case 'auth.refresh':
      return { refresh_token: 'x'.repeat(43) };
    case 'session.resume':
      return { positions: [{ room, epoch: 'e', seq: chance.below(1_000) }] };
    default:
      return type === 'presence.ping' ? {} : { room };
  }
}

/** Changes one thing somewhere in the envelope. */
function distort(chance: Chance, envelope: { [key: string]: Json }): void {
  const data = envelope.data;
  const inside = typeof data === 'object' && data !== null && !Array.isArray(data) && chance.once(2);
  const target = inside ? data : envelope;
  const keys = Object.keys(target);
  const key = keys.length > 0 ? chance.pick(keys) : 'extra';
  switch (chance.below(5)) {
    case 0:
      delete target[key];
      break;
    case 1:
      target[`x${chance.below(1_000)}`] = chance.pick(STRANGE)();
      break;
    case 2:
      envelope.type = chance.pick(STRANGE_TYPES);
      break;
    default:
      target[key] = chance.pick(STRANGE)();
  }
}

/** Now and then the text itself is not what JSON should be. */
function disfigure(chance: Chance, text: string): string {
  if (!chance.once(8)) return text;
  switch (chance.below(9)) {
    case 0:
      return text.slice(0, chance.below(text.length));
    case 1:
      return `\ufeff${text}`;
    case 2:
      return `${text}\n${text}`;
    case 3:
      return `${text},`;
    case 4:
      return text.replaceAll('"', "'");
    case 5:
      return text.replace('{', '{"type":"chat.send","op_id":"first",');
    case 6:
      return '['.repeat(1 + chance.below(20_000));
    case 7:
      return text.replace('{', '{"__proto__":{"type":"chat.send"},');
    default:
      return chance.pick([
        '',
        'null',
        '0',
        '"x"',
        '[]',
        'NaN',
        '{}',
        '\0',
        '{"a":1e999}',
        '//',
        '{"op_id":{}}',
      ]);
  }
}

function breakBytes(chance: Chance, bytes: Buffer): Buffer {
  const at = chance.below(bytes.length + 1);
  const other = chance.below(bytes.length + 1);
  const [from, to] = at < other ? [at, other] : [other, at];
  switch (chance.below(6)) {
    case 0:
      return Buffer.concat([
        bytes.subarray(0, at),
        bytes.subarray(Math.min(bytes.length, at + 1 + chance.below(4))),
      ]);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(chance.below(256)), bytes.subarray(at)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, to), bytes.subarray(at)]);
    case 3:
      return bytes.subarray(0, Math.max(1, at));
    default: {
      const changed = Buffer.from(bytes);
      if (changed.length > 0)
        changed[at % changed.length] = chance.once(2)
          ? chance.below(256)
          : chance.pick([34, 92, 123, 125, 91, 93, 44, 58, 0]);
      return changed;
    }
  }
}

function nested(depth: number): Json {
  let value: Json = 1;
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { a: value };
  return value;
}
