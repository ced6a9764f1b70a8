import { once } from 'node:events';
import { createServer } from '@goconnect/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createFakeServer, type FakeServer, httpAdmin } from '../src/index.js';

// What a client gets to read from the fake server is what it would from the real one, but for ids, times and sentences.

const TRACE = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
const LOBBY = 'network:lobby';
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

const OWN = /^(id|.*_id|epoch|timestamp|.*_at|since|seq|from|next|message|.*token|expires_in)$/;
type Envelope = Readonly<Record<string, unknown>> & { readonly type: string; readonly data: Data };
/** Of answers that a test knows. */
type Data = Readonly<Record<string, never>>;

/** Everything but what each server chooses for itself: of that only the kind. */
const common = (envelope: object): unknown =>
  JSON.parse(JSON.stringify(envelope), (key, value: unknown) =>
    OWN.test(key) && key !== 'op_id' && value !== null ? typeof value : value,
  );

type Which = 'fake' | 'real';
type User = 'ada' | 'grace' | 'linus';

let fake: FakeServer;
let real: ReturnType<typeof createServer>;
const url: Record<Which, () => string> = { fake: () => fake.url, real: () => '' };
type Login = (user: User) => Promise<{ readonly token: string; readonly refreshToken?: string }>;
const login: Record<Which, Login> = {
  async fake(user) {
    const { accessToken, refreshToken } = fake.tokens(user);
    return { token: accessToken, refreshToken };
  },
  real: () => Promise.reject(new Error('not started')),
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
  const started = await real.start();
  url.real = () => started.wsUrl;
  const admin = httpAdmin(started.url);
  login.real = (user) => admin.login({ email: `${user}@goconnect.example`, password: 'goconnect' });
}, 60_000);
afterAll(async () => {
  await fake.close();
  await real.stop({ drainMs: 0 });
});

const V1 = ['goconnect.v1'];
let operations = 0;

/** A client that knows nothing but frames. */
async function dial(which: Which, user: User, { protocols = V1, query = '' } = {}) {
  const { token, refreshToken } = await login[which](user);
  const socket = new WebSocket(`${url[which]()}?token=${token}${query}`, protocols);
  const got: Envelope[] = [];
  let ended: readonly [number, string] | undefined;
  let heard = () => {};
  socket.on('message', (data) => {
    got.push(JSON.parse(String(data)));
    heard();
  });
  socket.on('close', (code, reason) => {
    ended = [code, String(reason)];
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
  const answers = () => got.filter((one) => 'op_id' in one || one.type === 'error');
  const say = async (frame: string) => {
    const before = answers().length;
    socket.send(frame);
    return await until(() => answers()[before]);
  };
  return {
    socket,
    token,
    refreshToken,
    got,
    until,
    say,
    request: (type: string, data: unknown) => say(ask(type, data)(`request-${operations++}`)),
    chat: () => got.filter(({ type }) => type.startsWith('chat.')),
    closed: () => until(() => ended),
    /** On purpose, so that nobody waits for the user to come back. */
    async leave() {
      socket.close(1000);
      await until(() => ended);
    },
  };
}

/** Says everything to one server, one after the other; what came back, and what was told to the room. */
async function conversation(which: Which, protocols: string[]) {
  const { say, until, chat, leave } = await dial(which, 'linus', { protocols });
  const answers: [string, unknown][] = [];
  for (const [index, make] of FRAMES.entries()) {
    const frame = typeof make === 'string' ? make : make(`op-${index}`);
    answers.push([frame.slice(0, 100), common(await say(frame))]);
  }
  const { message_id } = (await say(ask('chat.send', { scope: LOBBY, body: 'draft' })('draft'))).data;
  for (const [index, make] of OF_A_MESSAGE.entries()) {
    const [type, data] = make(String(message_id));
    answers.push([`${type} ${index}`, common(await say(ask(type, data)(`own-${index}`)))]);
  }
  await until(() => chat().filter(({ type }) => type === 'chat.deleted')[1]);
  await leave();
  return { answers, events: chat().map(common) };
}

describe.each([
  ['v1', V1],
  ['the published contract', []],
])('to a client that speaks %s', (_, protocols) => {
  it('the fake server answers as the real one does', async () => {
    expect(await conversation('fake', protocols)).toEqual(await conversation('real', protocols));
  });
});

/** What a client at the door is told: by status, or by a close. */
async function refused(which: Which, { token = '', protocols = V1, query = '' }) {
  const socket = new WebSocket(`${url[which]()}?token=${token}${query}`, protocols);
  socket.on('error', () => {});
  return new Promise<readonly unknown[]>((resolve) => {
    socket.on('close', (code, reason) => resolve([code, String(reason)]));
    socket.on('unexpected-response', async (_, response) => {
      let body = '';
      for await (const part of response) body += part;
      const { 'content-type': type, 'www-authenticate': scheme, 'retry-after': after } = response.headers;
      resolve([response.statusCode, common(JSON.parse(body)), type, scheme, after]);
    });
  });
}

/** Where the lobby stands. */
async function place({ request }: Pick<Awaited<ReturnType<typeof dial>>, 'request'>) {
  const { data } = await request('room.join', { room: LOBBY });
  return { room: LOBBY, epoch: String(data.epoch), seq: Number(data.seq) };
}

/** What happens between several clients, told by one server. */
const SCENES: readonly (readonly [string, (which: Which) => Promise<unknown>])[] = [
  [
    'A3.6: a resume tells nothing that was taken back',
    async (which) => {
      const [linus, grace] = [await dial(which, 'linus'), await dial(which, 'grace')];
      const from = await place(linus);
      const ids: string[] = [];
      for (const [body, edited] of [
        ['masked', true],
        ['emptied', true],
        ['gone'],
        ['both'],
        ['kept', true],
      ]) {
        const sent = await linus.request('chat.send', {
          scope: LOBBY,
          body,
          attachments: ['https://a.example/'],
        });
        ids.push(String(sent.data.message_id));
        const change = { message_id: ids.at(-1), new_body: `${body} edited` };
        if (edited) await linus.request('chat.edit', change);
      }
      const [masked, emptied, gone, both] = ids;
      await grace.request('chat.redact', { message_id: masked, mask: '##' });
      await grace.request('chat.delete', { message_id: emptied, mode: 'soft' });
      await grace.request('chat.delete', { message_id: gone, mode: 'hard' });
      await grace.request('chat.redact', { message_id: both, mask: '##' });
      await grace.request('chat.delete', { message_id: both, mode: 'hard' });
      const ada = await dial(which, 'ada');
      await ada.request('session.resume', { positions: [from] });
      for (const one of [linus, grace, ada]) await one.leave();
      return ada.chat().map((event) => [Number(event.seq) - from.seq, common(event)]);
    },
  ],
  [
    'B3.3: who left a room is denied what it said, and hears no more of it',
    async (which) => {
      const [linus, ada] = [await dial(which, 'linus'), await dial(which, 'ada')];
      const from = await place(ada);
      await ada.request('room.leave', { room: LOBBY });
      await linus.request('chat.send', { scope: LOBBY, body: 'missed' });
      const resumed = await ada.request('session.resume', { positions: [from] });
      await linus.request('chat.send', { scope: LOBBY, body: 'not heard' });
      await ada.request('room.join', { room: LOBBY });
      for (const one of [linus, ada]) await one.leave();
      return [common(resumed.data), ada.chat()];
    },
  ],
  [
    'B3.3: a room that is named twice is resumed once, from the last position',
    async (which) => {
      const [linus, ada] = [await dial(which, 'linus'), await dial(which, 'ada')];
      const from = await place(ada);
      for (const body of ['1', '2']) await linus.request('chat.send', { scope: LOBBY, body });
      await ada.until(() => ada.chat()[1]);
      const positions = [from, { room: 'network:zzz', epoch: 'e', seq: 0 }, { ...from, seq: from.seq + 1 }];
      const resumed = await ada.request('session.resume', { positions });
      for (const one of [linus, ada]) await one.leave();
      return [common(resumed.data), ada.chat().map(({ seq }) => Number(seq) - from.seq)];
    },
  ],
  [
    'A6.2: presence.ping goes through once a second, session.resume ten times a minute',
    async (which) => {
      const ada = await dial(which, 'ada');
      const answers = [];
      for (let count = 0; count < 3; count++) answers.push(await ada.request('presence.ping', {}));
      for (let count = 0; count < 12; count++)
        answers.push(await ada.request('session.resume', { positions: [] }));
      await ada.leave();
      return answers.map(({ type, error }) => {
        const { code, details } = (error ?? {}) as { code?: string; details?: { retry_after_ms: number } };
        return [type, code, details && Math.ceil(details.retry_after_ms / 1_000)];
      });
    },
  ],
  [
    'A3.6, B3.5: a page of history can start where a message was deleted for good, in its room alone',
    async (which) => {
      const linus = await dial(which, 'linus');
      const ids: string[] = [];
      for (const body of ['1', '2', '3', '4'])
        ids.push(String((await linus.request('chat.send', { scope: LOBBY, body })).data.message_id));
      const [, gone] = ids;
      await linus.request('chat.delete', { message_id: gone, mode: 'hard' });
      const before = await linus.request('chat.history', { scope: LOBBY, before: gone, limit: 1 });
      const after = await linus.request('chat.history', { scope: LOBBY, after: gone });
      const elsewhere = await linus.request('chat.history', { scope: 'host', after: gone });
      const deleted = await linus.request('chat.delete', { message_id: gone, mode: 'hard' });
      await linus.leave();
      return [before.data, after.data, elsewhere.error, deleted.error].map((told) => common(told as object));
    },
  ],
  [
    'B3.5: presence.list tells all members of a network, and of the other rooms who is online',
    async (which) => {
      const [ada, linus] = [await dial(which, 'ada'), await dial(which, 'linus')];
      const welcome = await linus.until(() => linus.got.find(({ type }) => type === 'session.welcome'));
      const told = [];
      for (const room of [LOBBY, 'host', `tenant:${welcome.data.tenant_id}`]) {
        const { data } = await linus.request('presence.list', { room });
        const members = data.members as unknown as readonly { readonly status: string }[];
        told.push([data.total, members.map(({ status }) => status).sort()]);
      }
      for (const one of [ada, linus]) await one.leave();
      return told;
    },
  ],
  [
    'B2: session.welcome gives the same limits',
    async (which) => {
      const ada = await dial(which, 'ada');
      const { data } = await ada.until(() => ada.got[0]);
      await ada.leave();
      return [data.limits, data.heartbeat, data.resume, data.dedupe_window_ms];
    },
  ],
  [
    'A7: a close says in one word why',
    async (which) => {
      const query = '&client_id=twin';
      const [older, newer] = [await dial(which, 'ada', { query }), await dial(which, 'ada', { query })];
      const closes = [await older.closed()];
      newer.socket.send(Buffer.from('{}'));
      closes.push(await newer.closed());
      const flood = await dial(which, 'ada');
      for (let count = 0; count < 21; count++) flood.socket.send('{');
      closes.push(await flood.closed());
      const large = await dial(which, 'ada');
      large.socket.send('x'.repeat(524_289));
      return [...closes, await large.closed()];
    },
  ],
  [
    'A5.3: a refresh token that is used twice ends its login',
    async (which) => {
      const grace = await dial(which, 'grace');
      const refresh = { refresh_token: grace.refreshToken };
      await grace.request('auth.refresh', refresh);
      grace.socket.send(ask('auth.refresh', refresh)('again'));
      const closed = await grace.closed();
      const { token } = grace;
      return [closed, await refused(which, { token }), await refused(which, { token, protocols: [] })];
    },
  ],
  [
    'A5.2, B1.3: a client that is not let in learns why',
    async (which) => {
      const stranger = [{ alg: 'HS256', typ: 'JWT' }, { user_id: 'ada' }, 'signature']
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      const told = [];
      for (const protocols of [V1, []]) {
        for (const token of ['', 'junk', stranger]) told.push(await refused(which, { token, protocols }));
        told.push(await refused(which, { token: 'junk', protocols, query: '&client_id=a%20b' }));
        const five = [];
        for (let count = 0; count < 5; count++) five.push(await dial(which, 'linus', { protocols }));
        const { token } = await login[which]('linus');
        told.push(await refused(which, { token, protocols }));
        for (const one of five) await one.leave();
      }
      return told;
    },
  ],
];

it.each(SCENES)('%s', async (_, scene) => {
  expect(await scene('fake')).toEqual(await scene('real'));
});

it('B1.1: to a client of the published contract the requests of v1 are unknown, whatever their data', async () => {
  const linus = await dial('fake', 'linus', { protocols: [] });
  expect(await linus.request('chat.history', { scope: 7 })).toMatchObject({
    error: { details: { reason: 'unknown_type', field: 'type' } },
  });
  await linus.leave();
});
