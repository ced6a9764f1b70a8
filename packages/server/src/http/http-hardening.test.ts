import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNativeSqlite } from '../adapters/sql/sqlite/open-native-sqlite.js';
import { startTestServer, type TestServer } from '../testing/test-server.js';

describe('the HTTP side', () => {
  let server: TestServer;
  let token: string;

  beforeAll(async () => {
    server = await startTestServer({ wsAllowedOrigins: ['https://chat.example'] });
    token = await server.tokenOf('ada');
  });
  afterAll(() => server.end());

  /** Bytes as they are, at once or piece by piece, for what no HTTP client would send. */
  const raw = async (text: string | readonly string[]): Promise<string> => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    for (const piece of [text].flat()) {
      socket.write(piece);
      // So that each piece is a read of its own on the other side.
      await server.call('GET', '/health');
    }
    await closed;
    return answer;
  };

  it('names every request: the id that was given, or a new one', async () => {
    const named = await server.call('GET', '/health', { headers: { 'x-request-id': 'req-1' } });
    expect(named.headers.get('x-request-id')).toBe('req-1');
    expect(server.logs.some((line) => line.includes('"request_id":"req-1"'))).toBe(true);
    for (const given of ['a b', 'x'.repeat(129), '<script>']) {
      const answer = await server.call('GET', '/health', { headers: { 'x-request-id': given } });
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('answers what is not there with 404, as JSON, without saying what was asked', async () => {
    for (const path of ['/', '/nowhere', '/v1', '/v1/canary', '/v1/networks/lobby/canary', '/index.html']) {
      const { status, body } = await server.call('GET', path, { token });
      expect([status, body]).toMatchObject([404, { code: 'ERR_NOT_FOUND', details: {} }]);
      expect(JSON.stringify(body)).not.toContain('canary');
    }
    expect((await server.call('DELETE', '/health')).status).toBe(404);
  });

  describe('of an upgrade that it does not know, as curl and Java offer with any request', () => {
    const offer =
      'Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
    const login = JSON.stringify({ email: 'ada@goconnect.example', password: 'goconnect' });
    const refused = async () =>
      String((await server.call('GET', '/metrics')).body).match(/^goconnect_upgrades_refused_total.*$/gm);

    it('takes no notice: the request is answered as any other, and is the last one of its socket', async () => {
      const before = await refused();
      const health = await raw(`GET /health HTTP/1.1\r\n${offer}\r\n`);
      expect(health).toMatch(/^HTTP\/1.1 200 OK\r\n/);
      expect(health).toMatch(/\r\nConnection: close\r\n/i);
      expect(await raw(`GET /v1/networks HTTP/1.1\r\n${offer}\r\n`)).toMatch(/^HTTP\/1.1 401 /);
      expect(await refused()).toEqual(before);
    });

    it.each([
      ['its length', `Content-Length: ${login.length}\r\n\r\n`, login],
      [
        'chunks',
        'Transfer-Encoding: chunked\r\n\r\n',
        `${login.length.toString(16)}\r\n${login}\r\n0\r\n\r\n`,
      ],
    ])('reads a body in %s, whenever that comes', async (_, head, body) => {
      const start = `POST /v1/auth/login HTTP/1.1\r\n${offer}${head}`;
      expect(await raw(start + body)).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*access_token/);
      const pieces = [start, body.slice(0, 9), body.slice(9)];
      expect(await raw(pieces)).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*access_token/);
    });

    it('still knows a WebSocket among several, and takes nothing for a tunnel', async () => {
      const dial = `GET /v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c, WebSocket\r\n\r\n`;
      expect(await raw(dial)).toMatch(/^HTTP\/1.1 401 [\s\S]*An access token is required/);
      expect(await raw(`CONNECT example:443 HTTP/1.1\r\n${offer}\r\n`)).toBe('');
    });
  });

  it('takes a client that goes away within its request for no fault of its own', async () => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      'POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nX-Request-Id: left\r\nContent-Length: 99\r\n\r\n{"email":',
    );
    await server.call('GET', '/health');
    socket.destroy();
    const about = () => server.logs.filter((line) => line.includes('"request_id":"left"'));
    await expect.poll(about).toHaveLength(1);
    expect(about()[0]).toMatch(/^{"level":"info","message":"request".*"status":400/);
  });

  it('lets no answer be framed, sniffed, cached or run', async () => {
    for (const path of ['/health', '/v1/networks', '/nowhere', '/v1/openapi.json']) {
      const { headers } = await server.call('GET', path);
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  it('lets pages of allowed origins call, and no others', async () => {
    const preflight = (origin: string) =>
      server.call('OPTIONS', '/v1/networks', {
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const allowed = await preflight('https://chat.example');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://chat.example');
    expect(allowed.headers.get('access-control-allow-headers')).toContain('Idempotency-Key');
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
    for (const origin of [
      'https://chat.example.evil',
      'https://evil.example',
      'null',
      'https://chat.example:444',
    ]) {
      const refused = await preflight(origin);
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
      const { headers } = await server.call('GET', '/health', { headers: { origin } });
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('vary')).toBe('Origin');
    }
    // A refused page may still read that it was refused.
    const unauthorized = await server.call('GET', '/v1/networks', {
      headers: { origin: 'https://chat.example' },
    });
    expect([unauthorized.status, unauthorized.headers.get('access-control-allow-origin')]).toEqual([
      401,
      'https://chat.example',
    ]);
    expect(unauthorized.headers.get('access-control-expose-headers')).toContain('Retry-After');
  });

  it.each([
    ['no JSON', 'hello', 400],
    ['a form', 'name=x&visibility=public', 400],
    ['200 levels (A1.6)', `${'['.repeat(200)}${']'.repeat(200)}`, 400],
    ['60 KB of [', '['.repeat(60_000), 400],
    ['over 64 KB', JSON.stringify({ name: 'x'.repeat(70_000) }), 413],
    ['a __proto__', '{"__proto__":{"name":"abc","visibility":"public","join_policy":"open"}}', 400],
    ['a number past all bounds', '{"name":1e999}', 400],
    ['a name of 60,000 characters', JSON.stringify({ name: '💬'.repeat(15_000) }), 400],
  ])('refuses a body of %s, and goes on', async (_name, body, status) => {
    const answer = await server.call('POST', '/v1/networks', { token, body });
    expect([answer.status, answer.body]).toMatchObject([status, { code: 'ERR_INVALID_MESSAGE' }]);
    expect(JSON.stringify(answer.body).length).toBeLessThan(1_000);
    expect((await server.call('GET', '/health')).status).toBe(200);
  });

  it.each([
    ['garbage', '\u0000\u0001\u0002\r\n\r\n'],
    ['a TLS greeting', '\u0016\u0003\u0001\u0002\u0000\u0001'.padEnd(60, '\u0000')],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n'],
    ['a host of nonsense', 'GET /health HTTP/1.1\r\nHost: a b"c\r\nConnection: close\r\n\r\n'],
    [
      'two lengths',
      'POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\n{}',
    ],
    [
      'a length and chunks',
      'POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['40 KB of header', `GET /health HTTP/1.1\r\nHost: x\r\nX-Pad: ${'x'.repeat(40_000)}\r\n\r\n`],
    ['a path of nonsense', 'GET /%ff%fe%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    [
      'a whole address',
      'GET http://evil.example/v1/networks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    ],
    [
      'another protocol to upgrade to',
      'GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    ],
  ])('survives %s', async (_name, text) => {
    const answer = await raw(text);
    expect(answer === '' || /^HTTP\/1\.1 [345]\d\d /.test(answer) || answer.startsWith('HTTP/1.1 200')).toBe(
      true,
    );
    expect(answer).not.toContain('    at ');
    expect((await server.call('GET', '/health')).status).toBe(200);
  });

  it('tells nothing about a fault of its own but the id under which it is logged (A2.4)', async () => {
    const broken = await startTestServer();
    const access = await broken.tokenOf('ada');
    const file = await openNativeSqlite(join(broken.folder, 'goconnect.db'));
    file.exec('ALTER TABLE networks RENAME TO canary');
    const answer = await broken.call('GET', '/v1/networks', {
      token: access,
      headers: { 'x-request-id': 'fault-1' },
    });
    file.close();
    expect([answer.status, answer.body]).toMatchObject([
      500,
      { code: 'ERR_HANDLER_FAILED', details: { correlation_id: 'fault-1' } },
    ]);
    expect(JSON.stringify(answer.body)).not.toContain('networks');
    expect(broken.logs.some((line) => line.includes('fault-1') && line.includes('no such table'))).toBe(true);
    await broken.end();
  });

  it('is ready while its parts work', async () => {
    const { status, body } = await server.call('GET', '/ready');
    expect([status, body]).toEqual([200, { ready: true, checks: { store: 'ok', bus: 'ok', server: 'ok' } }]);
  });

  it('counts by what is in its own lists, never by what a client wrote', async () => {
    await server.call('GET', '/canary-path', { token });
    await server.call('GET', '/v1/networks/canary-id', { token });
    await server.call('PROPFIND', '/canary', {});
    const { headers, body } = await server.call('GET', '/metrics');
    expect(headers.get('content-type')).toContain('text/plain');
    expect(body).not.toContain('canary');
    expect(body).not.toContain('PROPFIND');
    expect(body).toContain(
      'goconnect_http_request_duration_seconds_count{method="GET",route="/v1/networks/:id",status="404"}',
    );
    expect(body).toContain('goconnect_websocket_connections 0');
    expect(body).toContain('process_cpu_seconds_total');
  });
});
