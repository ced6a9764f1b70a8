import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { forgeries, goodClaims, hmac } from '../testing/forgeries.js';
import { HOSTILE_ORIGINS } from '../testing/hostile-origins.js';
import { startTestServer, type TestServer } from '../testing/test-server.js';

// Every door of the real server, over real sockets, for everybody who must stay outside.

const SECRET = 'canary-secret-0123456789-0123456789-abcdef';
const ORIGIN = 'https://chat.example';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    jwtSecret: SECRET,
    wsAllowedOrigins: [ORIGIN],
    wsConnectRate: '100000/1s',
  });
});
afterAll(() => server.end());

interface Dial {
  readonly query?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a dial comes to: `open` after the first sign of life, the status of the refusal, or the close code. */
async function dial({ query, protocols = [], headers = {} }: Dial): Promise<string | number> {
  const url = new URL(`${server.url.replace('http', 'ws')}/v1/ws`);
  if (query !== undefined) url.searchParams.set('token', query);
  const socket = new WebSocket(url, [...protocols], { headers });
  try {
    return await new Promise((resolve) => {
      socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode ?? 0));
      socket.on('error', (error) => resolve(error.message));
      socket.on('close', (code) => resolve(code));
      socket.on('message', () => resolve('open'));
      socket.on('open', () => socket.send('{"type":"presence.ping","op_id":"op-1","data":{}}'));
    });
  } finally {
    socket.terminate();
  }
}

const isHeader = (text: string) =>
  /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && text.length < 8_000;
const isProtocol = (text: string) => /^[\w.-]+$/.test(text) && text.length < 8_000;

it('lets no forged token in, by whatever door it comes', async () => {
  const now = Math.floor(Date.now() / 1_000);
  // Of somebody who is there and logged in: nothing but the forgery may be what closes the door.
  const payload = (await server.tokenOf('ada')).split('.')[1] ?? '';
  const who = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const entered: string[] = [];
  let tries = 0;
  for (const [what, token] of forgeries(SECRET, now, {
    user_id: who.user_id,
    tenant_id: who.tenant_id,
    sid: who.sid,
  })) {
    const v1 = ['goconnect.v1'];
    const header = { headers: { authorization: `Bearer ${token}` } };
    // What is too long for any request line is refused before anybody looks for a token in it.
    const ways: Record<string, Dial> = {
      ...(token.length < 8_000 && { query: { query: token }, 'query, v1': { query: token, protocols: v1 } }),
      ...(isHeader(token) && { header, 'header, v1': { ...header, protocols: v1 } }),
      ...(isProtocol(token) && { subprotocol: { protocols: [...v1, `goconnect.bearer.${token}`] } }),
    };
    for (const [way, how] of Object.entries(ways)) {
      tries++;
      const outcome = await dial(how);
      if (![400, 401, 4401, 4501].includes(Number(outcome))) entered.push(`${what} by ${way}: ${outcome}`);
    }
    if (!isHeader(token)) continue;
    tries++;
    const { status } = await server.call('GET', '/v1/networks', { token });
    if (status !== 401) entered.push(`${what} by HTTP: ${status}`);
  }
  expect(entered).toEqual([]);
  expect(tries).toBeGreaterThan(300);
  // Made in the same way, and right.
  const right = hmac({ alg: 'HS256', typ: 'JWT' }, goodClaims(now, who), { secret: SECRET });
  expect(await dial({ query: right })).toBe('open');
});

it('lets no page of a hostile origin in, whatever token it has', async () => {
  const token = await server.tokenOf('ada');
  const entered: string[] = [];
  for (const origin of HOSTILE_ORIGINS.filter(isHeader))
    for (const protocols of [[], ['goconnect.v1', `goconnect.bearer.${token}`]]) {
      const outcome = await dial({
        headers: { origin, host: 'api.example:8080', authorization: `Bearer ${token}` },
        protocols,
      });
      if (outcome !== 403) entered.push(`${origin}: ${outcome}`);
    }
  expect(entered).toEqual([]);
});

it('turns nobody away for good while the keys of their issuer cannot be had, by either door', async () => {
  const issuer = createHttpServer((_, response) => response.writeHead(500).end()).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  const { port } = issuer.address() as AddressInfo;
  const closed = await startTestServer({ jwtJwksUrl: `http://127.0.0.1:${port}/jwks` });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'EdDSA', kid: 'k' })}.${part({ sub: 'ada' })}.c2ln`;
  // Once for the look-up that fails, once for the time until the next one.
  for (let time = 0; time < 2; time++) {
    const { status, headers, body } = await closed.call('GET', '/v1/networks', { token });
    expect([status, headers.get('retry-after'), body]).toMatchObject([
      503,
      '5',
      { code: 'ERR_HANDLER_FAILED' },
    ]);
  }
  const dialled = new WebSocket(`${closed.url.replace('http', 'ws')}/v1/ws?token=${token}`);
  dialled.on('error', () => {});
  const [, refused] = await once(dialled, 'unexpected-response');
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5']);
  refused.resume();
  // One look-up failed. Who makes up key ids meanwhile fills no log.
  const loud = closed.logs.filter((line) => /^\{"level":"(warn|error)".*KeysUnavailable/.test(line));
  expect(loud).toHaveLength(1);
  await closed.end();
  issuer.close();
  await once(issuer, 'close');
});

it('opens each of these doors for a good token, so that it was the token that closed them', async () => {
  const token = await server.tokenOf('ada');
  const headers = { authorization: `Bearer ${token}` };
  const ways: readonly Dial[] = [
    { query: token },
    { headers },
    { headers: { ...headers, origin: ORIGIN } },
    { query: token, protocols: ['goconnect.v1'] },
    { protocols: ['goconnect.v1', `goconnect.bearer.${token}`] },
  ];
  for (const way of ways) expect(await dial(way)).toBe('open');
  expect((await server.call('GET', '/v1/networks', { token })).status).toBe(200);
});
