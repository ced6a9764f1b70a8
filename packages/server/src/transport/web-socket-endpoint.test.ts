import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silent } from '../adapters/sql/testing/store-contract.js';
import { TestClock } from '../gateway/testing/test-clock.js';
import { type Person, TestServer } from '../gateway/testing/test-server.js';
import { StoreError } from '../ports/store-error.js';
import { createWebSocketEndpoint } from './web-socket-endpoint.js';

let server: TestServer;
let ada: Person;

beforeEach(async () => {
  server = await TestServer.start({
    origins: ['https://chat.example'],
    settings: { maxConnectionsPerUser: 1 },
  });
  ada = await server.person('ada');
});
afterEach(() => server.stop());

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';

function upgrade(path: string, headers = '', key = KEY): Promise<string> {
  return server.raw(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}${headers}\r\n`,
  );
}

function parse(answer: string): { readonly status: number; readonly body: Record<string, unknown> } {
  return { status: Number(answer.slice(9, 12)), body: JSON.parse(answer.split('\r\n\r\n')[1] ?? '') };
}

describe('who is let in (A5.1)', () => {
  it('takes the token from the header, the query and an offered subprotocol, which it never selects (B1.2)', async () => {
    const ways = [
      { path: '/v1/ws', offered: [], headers: { authorization: `Bearer ${ada.token}` }, selected: '' },
      { path: `/v1/ws?token=${ada.token}`, offered: [], headers: {}, selected: '' },
      {
        path: '/v1/ws',
        offered: ['goconnect.v1', `goconnect.bearer.${ada.token}`],
        headers: {},
        selected: 'goconnect.v1',
      },
      {
        path: '/v1/ws',
        offered: [`goconnect.bearer.${ada.token}`, 'goconnect.v1'],
        headers: {},
        selected: 'goconnect.v1',
      },
    ];
    for (const { path, offered, headers, selected } of ways) {
      const client = await server.client(path, offered, { headers });
      await client.fence();
      expect(client.ws.protocol).toBe(selected);
      await client.close();
      await expect.poll(() => server.gateway.stats().connections).toBe(0);
    }
  });

  it('does not compress, though clients offer it (A1.3)', async () => {
    const client = await server.client(`/v1/ws?token=${ada.token}`, [], { perMessageDeflate: true });
    expect(client.ws.extensions).toBe('');
  });
});

describe('who is not (A5.2)', () => {
  it.each([
    ['no token', async () => '', 'missing'],
    ['what is no token', async () => 'xyz', 'malformed'],
    ['a token of 5 KB', async () => 'x'.repeat(5_000), 'malformed'],
    ['a changed token', async () => `${ada.token.slice(0, -2)}xx`, 'invalid'],
    ['a token that ran out', () => server.sign(ada, -6_000), 'expired'],
    ['a refresh token', () => server.sign(ada, 60_000, { type: 'refresh' }), 'invalid'],
  ])('answers %s with 401, or 4401/4501 where v1 was offered (B1.3)', async (_, make, reason) => {
    const token = await make();
    const { status, body } = parse(await upgrade('/v1/ws', token && `Authorization: Bearer ${token}\r\n`));
    expect(status).toBe(401);
    expect(body).toEqual({ code: 'ERR_UNAUTHORIZED', message: expect.any(String), details: { reason } });
    const client = await server.client(`/v1/ws?token=${token}`, ['goconnect.v1']);
    expect((await client.closed).code).toBe(reason === 'expired' ? 4401 : 4501);
    expect(client.received).toEqual([]);
    expect(server.gateway.stats().connections).toBe(0);
  });

  it('takes a token that ran out less than 5 s ago, for clocks differ, and until then', async () => {
    const client = await server.v1({ token: await server.sign(ada, -2_000) });
    await client.fence();
    await server.clock.advance(2_000);
    await client.fence();
    await server.clock.advance(1_000);
    expect((await client.closed).code).toBe(4401);
  });

  it('answers one connection too many with 429 and Retry-After, or 4429 with the time', async () => {
    await (await server.base(ada)).fence();
    const answer = await upgrade('/v1/ws', `Authorization: Bearer ${ada.token}\r\n`);
    expect(answer).toMatch(/\r\nRetry-After: 5\r\n/);
    expect(parse(answer)).toMatchObject({
      status: 429,
      body: { code: 'ERR_RATE_LIMIT', details: { retry_after_ms: 5_000 } },
    });
    const client = await server.client(`/v1/ws?token=${ada.token}`, ['goconnect.v1']);
    expect(await client.closed).toEqual({ code: 4429, reason: '{"retry_after_ms":5000}' });
  });

  it('answers pages of other origins with 403, also where v1 was offered', async () => {
    const headers = `Authorization: Bearer ${ada.token}\r\n`;
    for (const more of ['', 'Sec-WebSocket-Protocol: goconnect.v1\r\n']) {
      const { status, body } = parse(
        await upgrade('/v1/ws', `${headers}${more}Origin: https://evil.example\r\n`),
      );
      expect([status, body.code, body.details]).toEqual([403, 'ERR_FORBIDDEN', { reason: 'origin' }]);
    }
    // Whoever runs the server is told which, once a minute.
    expect(server.logged.filter((line) => line.includes('https://evil.example'))).toHaveLength(1);
    const client = await server.client(`/v1/ws?token=${ada.token}`, [], { origin: 'https://chat.example' });
    await client.fence();
  });

  it('answers another path with 404, a bad client_id with 400, and says why', async () => {
    const headers = `Authorization: Bearer ${ada.token}\r\n`;
    expect(parse(await upgrade('/v1/ws/', headers)).status).toBe(404);
    expect(parse(await upgrade('/v1/ws?client_id=a%20b', headers))).toMatchObject({
      status: 400,
      body: { details: { field: 'client_id' } },
    });
  });

  it.each([
    ['without a key', 'Sec-WebSocket-Version: 13\r\n'],
    ['with another version', KEY.replace('13', '99')],
    ['with a subprotocol that is no name', `${KEY}Sec-WebSocket-Protocol: a b\r\n`],
  ])('answers a handshake %s with 400 as any refusal, and keeps no place for it', async (_, key) => {
    const answer = await upgrade('/v1/ws', `Authorization: Bearer ${ada.token}\r\n`, key);
    expect(answer).toMatch(/\r\nSec-WebSocket-Version: 13, 8\r\n/);
    expect(parse(answer)).toEqual({
      status: 400,
      body: {
        code: 'ERR_INVALID_MESSAGE',
        message: expect.any(String),
        details: { reason: 'no_handshake' },
      },
    });
    expect([...server.counts.refused]).toEqual([['no_handshake', 1]]);
    await (await server.base(ada)).fence();
  });

  it('answers a refused v1 client in HTTP when its handshake is none, and counts it once', async () => {
    const answer = await upgrade('/v1/ws?token=x', 'Sec-WebSocket-Protocol: goconnect.v1\r\n', '');
    expect(parse(answer)).toMatchObject({ status: 401, body: { details: { reason: 'malformed' } } });
    expect([...server.counts.refused]).toEqual([['malformed', 1]]);
  });
});

it('answers with 503 and Retry-After while the store cannot say who is logged in, and leaves why to the store (A5.2)', async () => {
  const failing = () => Promise.reject(new StoreError('failed', 'down', { fault: 'unreachable' }));
  await server.stop();
  server = await TestServer.start({
    operations: (real) => ({ ...real, sessions: { ...real.sessions, isLive: failing } }),
  });
  const token = await server.sign(await server.person('ada'), 60_000, { sid: 'some login' });
  // Also where v1 was offered: it is nothing that a browser must know (B1.3).
  for (const more of ['', 'Sec-WebSocket-Protocol: goconnect.v1\r\n']) {
    const answer = await upgrade('/v1/ws', `Authorization: Bearer ${token}\r\n${more}`);
    expect(answer).toMatch(/\r\nRetry-After: 5\r\n/);
    expect(parse(answer)).toEqual({
      status: 503,
      body: { code: 'ERR_HANDLER_FAILED', message: expect.any(String), details: {} },
    });
  }
  expect([...server.counts.refused]).toEqual([['unavailable', 2]]);
  expect(server.logged.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
});

it('answers with 503 and Retry-After when the store says nothing for 6 s, and keeps no place that it gives later (A5.2)', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await server.stop();
  server = await TestServer.start({
    settings: { maxConnectionsPerUser: 1, maxConnections: 1 },
    operations: (real) => ({
      ...real,
      sessions: { ...real.sessions, isLive: () => held.then(() => true) },
    }),
  });
  ada = await server.person('ada');
  const token = await server.sign(ada, 60_000, { sid: 'some login' });
  const before = server.clock.pending;
  // Also where v1 was offered: it is nothing that a browser must know (B1.3).
  const answers = ['', 'Sec-WebSocket-Protocol: goconnect.v1\r\n'].map((more) =>
    upgrade('/v1/ws', `Authorization: Bearer ${token}\r\n${more}`),
  );
  // Of each upgrade as a whole, and of what it asks.
  await expect.poll(() => server.clock.pending).toBe(before + 4);
  await server.clock.advance(5_999);
  expect([...server.counts.refused]).toEqual([]);
  await server.clock.advance(1);
  for (const answer of await Promise.all(answers)) {
    expect(answer).toMatch(/\r\nRetry-After: 5\r\n/);
    expect(parse(answer)).toMatchObject({ status: 503, body: { code: 'ERR_HANDLER_FAILED', details: {} } });
  }
  expect([...server.counts.refused]).toEqual([['unavailable', 2]]);
  await expect.poll(() => server.clock.pending).toBe(before);
  release();
  await (await server.base(ada)).fence();
  expect(server.gateway.stats().connections).toBe(1);
  expect(server.logged.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
});

describe('connects from one address', () => {
  const rate = { limit: 2, windowMs: 60_000 };
  const from = (address: string, path = `/v1/ws?token=${ada.token}`) =>
    upgrade(path, `X-Forwarded-For: 9.9.9.9, ${address}\r\n`, '');
  /** No WebSocket handshake, so whoever gets so far is told 400. */
  const statuses = async (...addresses: string[]) => {
    const found: string[] = [];
    for (const address of addresses) found.push((await from(address)).slice(9, 12));
    return found;
  };

  beforeEach(async () => {
    await server.stop();
    server = await TestServer.start({ trustProxy: ['loopback'], settings: { connectRate: rate } });
    ada = await server.person('ada');
  });

  it('are limited, also where a token is wrong, and say when the next is taken', async () => {
    expect(parse(await from('6.6.6.6', '/v1/ws?token=x.y.z')).status).toBe(401);
    expect(await statuses('6.6.6.6')).toEqual(['400']);
    const answer = await from('6.6.6.6');
    expect(answer).toMatch(/\r\nRetry-After: 60\r\n/);
    expect(parse(answer)).toMatchObject({
      status: 429,
      body: { code: 'ERR_RATE_LIMIT', details: { reason: 'connect_rate', retry_after_ms: 60_000 } },
    });
    await server.clock.advance(59_999);
    expect(await statuses('6.6.6.6')).toEqual(['429']);
    await server.clock.advance(1);
    expect(await statuses('6.6.6.6', '6.6.6.6', '6.6.6.6')).toEqual(['400', '400', '429']);
  });

  it('count for nobody else, and for all of an IPv6 /64', async () => {
    expect(await statuses('6.6.6.6', '6.6.6.6', '6.6.6.6', '6.6.6.7')).toEqual(['400', '400', '429', '400']);
    expect(await statuses('2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1')).toEqual([
      '400',
      '400',
      '429',
      '400',
    ]);
  });

  it('are told to v1 clients by 4429, where browsers can read it (B1.3)', async () => {
    await statuses('6.6.6.6', '6.6.6.6');
    const client = await server.client(`/v1/ws?token=${ada.token}`, ['goconnect.v1'], {
      headers: { 'x-forwarded-for': '6.6.6.6' },
    });
    expect(await client.closed).toEqual({ code: 4429, reason: '{"retry_after_ms":60000}' });
  });

  it('cost only those their place who made them up', async () => {
    // Made-up hops further left change nothing, and the proxy itself is not limited.
    for (let made = 0; made < 5; made++) {
      const made_up = `10.0.0.${made}, 6.6.6.6`;
      expect((await from(made_up)).slice(9, 12)).toBe(made < 2 ? '400' : '429');
      expect((await upgrade(`/v1/ws?token=${ada.token}`, '', '')).slice(9, 12)).toBe('400');
    }
  });
});

describe('hostile sockets', () => {
  it('is rid of upgrades that are not complete in 10 s (A6.4)', async () => {
    const http = createServer();
    const clock = new TestClock();
    const endpoint = createWebSocketEndpoint({
      server: http,
      clock,
      gateway: server.gateway,
      // The keys are another machine's.
      tokens: { verify: () => new Promise(() => {}) },
      logger: silent,
      clientAddress: () => ({ key: 'one', limited: false }),
      onAdmitted: () => {},
      metrics: { upgradeRefused: () => {}, tokenRefused: () => {} },
      settings: { wsMaxMessageBytes: 1_024, wsAllowedOrigins: [] },
    });
    const socket = new PassThrough();
    http.emit('upgrade', { url: '/v1/ws', headers: {} }, socket, Buffer.alloc(0));
    await clock.advance(9_999);
    expect(socket.destroyed).toBe(false);
    await clock.advance(1);
    expect(socket.destroyed).toBe(true);
    expect(clock.pending).toBe(0);
    endpoint.close();
  });

  it('survives sockets that break at any moment of the upgrade', async () => {
    const request = `GET /v1/ws?token=${ada.token} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${KEY}\r\n`;
    for (let round = 0; round < 20; round++) {
      const socket = connect(server.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.on('error', () => {});
      socket.write(request);
      if (round % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      socket.resetAndDestroy();
    }
    // Somebody else: the broken ones may count as connections of ada's until they are noticed.
    const witness = await server.base(await server.person('grace'));
    await witness.fence();
    await expect.poll(() => server.gateway.stats().connections).toBe(1);
  });

  it.each([
    ['frames without a mask', Buffer.from([0x81, 2, 0x7b, 0x7d])],
    ['reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ['a length beyond all bounds', Buffer.from([0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255])],
    ['text that is not UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28])],
    ['a ping of 200 bytes', Buffer.from([0x89, 0xfe, 0, 200, 0, 0, 0, 0])],
  ])('closes on %s, and others do not notice', async (_, bytes) => {
    const witness = await server.base(await server.person('grace'));
    const client = await server.base(ada);
    await client.fence();
    (client.ws as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(bytes);
    expect([1002, 1006, 1007, 1009]).toContain((await client.closed).code);
    expect((await witness.ask('presence.ping')).type).toBe('presence.pong');
  });

  it('closes a message in thousands of pieces instead of keeping them', async () => {
    const client = await server.base(ada);
    for (let piece = 0; piece < 5_000; piece++) client.ws.send('x', { fin: false });
    expect((await client.closed).code).toBe(1008);
  });

  it('answers a flood of pings without keeping them, and others go first', async () => {
    const witness = await server.base(await server.person('grace'));
    const client = await server.base(ada);
    for (let count = 0; count < 20_000; count++) client.ws.ping();
    const start = performance.now();
    expect((await witness.ask('presence.ping')).type).toBe('presence.pong');
    expect(performance.now() - start).toBeLessThan(2_000);
    client.ws.terminate();
    await client.closed;
  });
});

it('lets the loop come round between upgrades that arrive in one turn (decision 0040)', async () => {
  let now = 0;
  const order: string[] = [];
  class BusyClock extends TestClock {
    override monotonic(): number {
      return now;
    }
  }
  const http = createServer();
  const endpoint = createWebSocketEndpoint({
    server: http,
    clock: new BusyClock(),
    gateway: {
      ...server.gateway,
      // As many as there are, each costs the processor 4 ms.
      knock() {
        now += 4;
        order.push('upgrade');
        return { kind: 'refused', why: 'draining', retryAfterMs: 0 };
      },
    },
    tokens: server.tokens,
    logger: silent,
    clientAddress: () => ({ key: 'one', limited: false }),
    onAdmitted: () => {},
    metrics: { upgradeRefused: () => {}, tokenRefused: () => {} },
    settings: { wsMaxMessageBytes: 1_024, wsAllowedOrigins: [] },
  });
  setImmediate(() => order.push('somebody else'));
  for (let count = 0; count < 6; count++) {
    http.emit('upgrade', { url: '/v1/ws', headers: {} }, new PassThrough(), Buffer.alloc(0));
    // Between two sockets Node runs what was promised meanwhile.
    for (let step = 0; step < 9; step++) await undefined;
  }
  await expect.poll(() => order.length).toBe(7);
  expect(order.indexOf('somebody else')).toBe(3);
  endpoint.close();
});
