import { once } from 'node:events';
import { createServer } from '@goconnect/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createFakeServer, type FakeServer, httpAdmin } from '../src/index.js';

// What a client gets to read from the fake server is what it would from the real one, but for ids, times and sentences.

const TRACE = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
const ask = (type: string, data?: unknown, meta?: object) => (op_id: string) =>
  JSON.stringify({ type, op_id, data, meta });

/** In order: what one makes, the next ones find. Faults stay under the 20 that a connection may make in 10 s. */
const FRAMES: readonly (string | ((opId: string) => string))[] = [
  '{',
  '[]',
  '42',
  '{"type":"x"}',
  (opId) => JSON.stringify({ op_id: opId }),
  ask('nope', {}),
  ask('chat.send'),
  ask('chat.send', []),
  ask('presence.ping', 'x'),
  ask('chat.send', { scope: 'host', body: 7, attachments: ['x', 'y', 'z', 'w'] }),
  ask('chat.send', { scope: 'host' }, TRACE),
  ask('chat.send', { scope: 'network:attic', body: 'x' }),
  ask('chat.send', { scope: 'network:zzz', body: 'x' }, TRACE),
  ask('chat.edit', { message_id: 'zzz', new_body: 'x' }),
  ask('room.join', { room: 'network:attic' }),
  ask('room.join', { room: 'network:zzz' }),
  ask('room.join', { room: 'tenant:zzz' }),
  ask('room.join', { room: 'network:lobby' }),
  ask('room.leave', { room: 'network:zzz' }),
  ask('auth.refresh', { refresh_token: 'nope' }),
  ask('presence.ping', {}, TRACE),
  ask('chat.send', { scope: 'network:lobby', body: 'hi' }, TRACE),
  ask('chat.history', { scope: 'host', before: 'zzz' }),
  ask('chat.history', { scope: 'host', after: 'zzz' }),
  ask('chat.history', { scope: 'host', before: 'a', after: 'b' }),
  ask('chat.history', { scope: 'network:lobby', limit: 1 }),
  ask('presence.list', { room: 'network:zzz' }),
  ask('session.resume', {
    positions: [
      { room: 'network:zzz', epoch: 'e', seq: 0 },
      { room: 'host', epoch: 'e', seq: 0 },
    ],
  }),
];

/** Requests about a message of one's own, whose id the server chose. */
const OF_A_MESSAGE: readonly ((messageId: string) => readonly [string, object])[] = [
  (message_id) => ['chat.redact', { message_id, mask: '*' }],
  (message_id) => ['chat.edit', { message_id, new_body: 'better' }],
  (message_id) => ['chat.delete', { message_id, mode: 'soft' }],
  (message_id) => ['chat.delete', { message_id, mode: 'soft' }],
  (message_id) => ['chat.edit', { message_id, new_body: 'too late' }],
  (message_id) => ['chat.delete', { message_id, mode: 'hard' }],
  (message_id) => ['chat.edit', { message_id, new_body: 'much too late' }],
];

const OWN = /^(id|.*_id|epoch|timestamp|.*_at|since|seq|from|message|.*token|expires_in)$/;
type Envelope = Readonly<Record<string, unknown>> & { readonly type: string };

/** Everything but what each server chooses for itself: of that only the kind. */
const common = (envelope: Envelope): unknown =>
  JSON.parse(JSON.stringify(envelope), (key, value: unknown) =>
    OWN.test(key) && key !== 'op_id' && value !== null ? typeof value : value,
  );

let fake: FakeServer;
let real: ReturnType<typeof createServer>;
const open: Record<'fake' | 'real', (protocols: string[]) => WebSocket> = {
  fake: (protocols) => new WebSocket(`${fake.url}?token=${fake.token('linus')}`, protocols),
  real: () => {
    throw new Error('not started');
  },
};

beforeAll(async () => {
  fake = await createFakeServer({ transport: 'ws' });
  real = createServer({
    env: { GOCONNECT_DEV: '1' },
    port: 0,
    databaseUrl: 'sqlite::memory:',
    jwtSecret: 'x'.repeat(40),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const { url, wsUrl } = await real.start();
  const { token } = await httpAdmin(url).login({ email: 'linus@goconnect.example', password: 'goconnect' });
  open.real = (protocols) => new WebSocket(`${wsUrl}?token=${token}`, protocols);
}, 60_000);
afterAll(async () => {
  await fake.close();
  await real.stop({ drainMs: 0 });
});

/** Says everything to one server, one after the other; what came back, and what was told to the room. */
async function conversation(which: 'fake' | 'real', protocols: string[]) {
  const socket = open[which](protocols);
  const waiting: Envelope[] = [];
  const events: Envelope[] = [];
  let heard = () => {};
  socket.on('message', (data) => {
    const envelope = JSON.parse(String(data)) as Envelope;
    const isAnswer = 'op_id' in envelope || envelope.type === 'error';
    if (isAnswer) waiting.push(envelope);
    else if (envelope.type.startsWith('chat.')) events.push(envelope);
    heard();
  });
  await once(socket, 'open');
  const until = async <T>(find: () => T | undefined): Promise<T> => {
    for (let found = find(); ; found = find()) {
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  const answers: [string, unknown][] = [];
  const say = async (frame: string) => {
    socket.send(frame);
    const answer = await until(() => waiting.shift());
    answers.push([frame.slice(0, 100), common(answer)]);
    return answer;
  };
  for (const [index, frame] of FRAMES.entries())
    await say(typeof frame === 'string' ? frame : frame(`op-${index}`));
  const sent = await say(ask('chat.send', { scope: 'network:lobby', body: 'draft' })('draft'));
  const { message_id } = sent.data as { message_id: string };
  for (const [index, make] of OF_A_MESSAGE.entries()) {
    const [type, data] = make(message_id);
    const answer = await say(ask(type, data)(`own-${index}`));
    answers[answers.length - 1] = [`${type} ${index}`, common(answer)];
  }
  await until(() => events.filter(({ type }) => type === 'chat.deleted')[1]);
  socket.close();
  await once(socket, 'close');
  return { answers, events: events.map(common) };
}

describe.each([
  ['v1', ['goconnect.v1']],
  ['the published contract', []],
])('to a client that speaks %s', (_, protocols) => {
  it('the fake server answers as the real one does', async () => {
    expect(await conversation('fake', protocols)).toEqual(await conversation('real', protocols));
  });
});

it('B1.1: to a client of the published contract the requests of v1 are unknown, whatever their data', async () => {
  const socket = open.fake([]);
  await once(socket, 'open');
  socket.send(ask('chat.history', { scope: 7 })('h'));
  const [data] = await once(socket, 'message');
  expect(JSON.parse(String(data))).toMatchObject({
    op_id: 'h',
    error: { details: { reason: 'unknown_type', field: 'type' } },
  });
  socket.close();
});
