import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Started, startCommand } from './testing/command.js';
import { connectRaw, type Heard } from './testing/raw-client.js';

// A5.5. One session in which every secret there is goes every way that it can go, the wrong ways too; then everything
// that the server said is searched for every one of them.

const CANARIES = {
  'the signing key': 'canary-0123456789-0123456789-0123456789',
  'a password': 'canary-password',
  'a wrong password': 'canary-wrong-password',
  'what a message says': 'canary-body',
  'an attachment': 'https://canary-attachment.example/',
  'an invented refresh token': 'canary-refresh-token',
  'an invented access token': 'eyJhbGciOiJIUzI1NiJ9.canary-payload.canary-signature',
  'an invented invite': 'canary-invite',
  'what broke a frame': 'canary-frame',
  'what broke a body': 'canary-json',
  'an idempotency key': 'canary-idempotency-key',
};
type Canary = keyof typeof CANARIES;

interface Call {
  readonly token?: string | undefined;
  readonly body?: unknown;
  /** In place of `body`, as it is. */
  readonly raw?: string;
  readonly headers?: Record<string, string>;
}

let folder: string;
let server: Started;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect secrets-'));
  server = startCommand(folder, {
    JWT_SECRET: CANARIES['the signing key'],
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'debug',
    DATABASE_URL: `file:${join(folder, 'goconnect.db')}`,
  });
});
afterEach(async () => {
  server.process.kill('SIGKILL');
  await server.ended;
  await rm(folder, { recursive: true });
});

it('says no secret in any log line, metric, error, close reason or file', async () => {
  const [, port] = await server.until(/"port":(\d+)/);
  const url = `http://127.0.0.1:${port}`;
  const wsUrl = `ws://127.0.0.1:${port}/v1/ws`;
  /** What was said to somebody who may not hear a secret: refusals, probes, lists. */
  const said: string[] = [];
  /** What the server made that is as good as a password. */
  const issued = new Map<string, string>();

  const call = async (method: string, path: string, { token, body, raw, headers }: Call = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(method !== 'GET' && { body: raw ?? JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) said.push(text, JSON.stringify([...response.headers]));
    return { status: response.status, text, data: response.ok ? JSON.parse(text).data : {} };
  };
  const post = (path: string, body: unknown, token?: string) => call('POST', path, { body, token });
  const refused = ({ error }: Heard) => {
    expect(error?.code).toMatch(/^ERR_/);
    said.push(JSON.stringify(error));
  };

  const email = 'bird@people.example';
  const password = CANARIES['a password'];
  await post('/v1/auth/register', { email, password });
  const login = (await post('/v1/auth/login', { email, password })).data;
  const access: string = login.access_token;
  issued.set('access token', access).set('refresh token', login.refresh_token);

  // HTTP, the wrong ways.
  await post('/v1/auth/login', { email, password: CANARIES['a wrong password'] });
  await post('/v1/auth/register', { email, password, surplus: CANARIES['a wrong password'] });
  await post('/v1/auth/register', { email: CANARIES['a wrong password'], password });
  await post('/v1/auth/refresh', { refresh_token: CANARIES['an invented refresh token'] });
  await call('POST', '/v1/auth/login', { raw: `{"password":"${CANARIES['what broke a body']}"` });
  await call('GET', '/v1/networks', { token: CANARIES['an invented access token'] });
  await call('GET', `/v1/nowhere?token=${access}`);
  await call('GET', `/v1/chat?token=${access}&limit=${CANARIES['what broke a body']}`, { token: access });
  const network = (
    await post('/v1/networks', { name: 'Birds', visibility: 'private', join_policy: 'invite' }, access)
  ).data;
  const path = `/v1/networks/${network.id}`;
  issued.set('invite', (await post(`${path}/invites`, {}, access)).data.token);
  await post(`${path}/join`, { invite_token: CANARIES['an invented invite'] }, access);
  await post('/v1/networks/none/join', { invite_token: CANARIES['an invented invite'] }, access);
  for (const name of ['One', 'Two'])
    await call('POST', '/v1/networks', {
      token: access,
      headers: { 'idempotency-key': CANARIES['an idempotency key'] },
      body: { name, visibility: 'public', join_policy: 'open' },
    });

  // WebSocket: each way that a token travels, wrong tokens too.
  const client = await connectRaw(wsUrl, { token: access });
  for (const ways of [
    { headers: { authorization: `Bearer ${access}` } },
    { protocols: ['goconnect.v1', `goconnect.bearer.${access}`] },
  ])
    await (await connectRaw(wsUrl, ways)).close();
  const invented = CANARIES['an invented access token'];
  for (const [address, protocols, authorization] of [
    [`${wsUrl}?token=${invented}`, [], ''],
    [wsUrl, ['goconnect.v1', `goconnect.bearer.${invented}`], ''],
    [wsUrl, [], `Bearer ${invented}`],
  ] as const)
    said.push(await refusal(address, protocols, authorization));

  // Requests, the wrong ways, and what may be said to nobody but those in the room.
  const message = {
    scope: 'host',
    body: CANARIES['what a message says'],
    attachments: [CANARIES['an attachment']],
  };
  await client.ask('chat.send', 'op-1', message);
  refused(await client.ask('chat.send', 'op-1', { ...message, body: CANARIES['what broke a frame'] }));
  refused(await client.ask('chat.send', 'op-2', { ...message, body: [CANARIES['what broke a frame']] }));
  refused(
    await client.ask('chat.send', 'op-3', { ...message, attachments: [CANARIES['what broke a frame']] }),
  );
  refused(await client.ask('chat.send', 'op-4', { ...message, scope: CANARIES['what broke a frame'] }));
  refused(await client.ask(CANARIES['what broke a frame'], 'op-5'));
  client.socket.send(`{"type":"${CANARIES['what broke a frame']}`);
  refused(await client.event('error'));
  refused(await client.ask('auth.refresh', 'op-6', { refresh_token: CANARIES['an invented refresh token'] }));
  const renewed = await client.ask('auth.refresh', 'op-7', { refresh_token: login.refresh_token });
  issued.set('renewed access token', String(renewed.data?.access_token));
  issued.set('renewed refresh token', String(renewed.data?.refresh_token));
  // A spent one: the family is revoked and its connections are closed.
  refused(await client.ask('auth.refresh', 'op-8', { refresh_token: login.refresh_token }));
  expect(await client.closed).toBe(4401);

  for (const probe of ['/metrics', '/ready', '/health', '/v1/openapi.json'])
    said.push(await (await fetch(url + probe)).text());
  server.process.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);

  const written = server.output() + server.errors();
  expect(written.split('\n').length).toBeGreaterThan(20);
  expect(said.length).toBeGreaterThan(25);
  for (const [name, secret] of [...Object.entries(CANARIES), ...issued]) {
    expect(secret.length, name).toBeGreaterThan(10);
    expect(written, `${name} in the log`).not.toContain(secret);
    expect(said.join('\n'), `${name} in an answer`).not.toContain(secret);
  }

  // On disk a secret is a hash; what was said in a room stands there for those in the room.
  const stored: Buffer[] = [];
  for (const file of await readdir(folder)) stored.push(await readFile(join(folder, file)));
  const kept = Buffer.concat(stored).toString('latin1');
  expect(kept).toContain(CANARIES['what a message says']);
  const meant: readonly (string | Canary)[] = ['what a message says', 'an attachment'];
  for (const [name, secret] of [...Object.entries(CANARIES), ...issued])
    if (!meant.includes(name)) expect(kept.includes(secret), `${name} on disk`).toBe(false);
});

/** Everything that a refused dial is told. */
async function refusal(
  address: string,
  protocols: readonly string[],
  authorization: string,
): Promise<string> {
  const socket = new WebSocket(address, [...protocols], authorization ? { headers: { authorization } } : {});
  return await new Promise((resolve) => {
    socket.on('unexpected-response', async (_, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve(`${response.statusCode} ${response.rawHeaders.join()} ${Buffer.concat(chunks)}`);
    });
    socket.on('close', (code, reason) => resolve(`${code} ${reason}`));
    socket.on('error', () => {});
  });
}
