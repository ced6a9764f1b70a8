import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ registerRate: '3/1m', trustProxy: 'loopback' });
});
afterAll(() => server.end());

let accounts = 0;
const register = (address?: string) =>
  server.call('POST', '/v1/auth/register', {
    body: { email: `account-${accounts++}@x.example`, password: 'goconnect' },
    ...(address !== undefined && { headers: { 'x-forwarded-for': address } }),
  });

it('lets one address make so many accounts in a while, and others meanwhile', async () => {
  const statuses = [];
  for (let attempt = 0; attempt < 4; attempt++) statuses.push((await register('192.0.2.1')).status);
  expect(statuses).toEqual([201, 201, 201, 429]);
  const refused = await register('192.0.2.1');
  expect(refused.body).toMatchObject({
    code: 'ERR_RATE_LIMIT',
    details: { retry_after_ms: expect.any(Number) },
  });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30);
  expect((await register('192.0.2.2')).status).toBe(201);
});

it('takes the addresses of one IPv6 network for one', async () => {
  const statuses = [];
  for (let host = 1; host <= 4; host++) statuses.push((await register(`2001:db8::${host}`)).status);
  expect(statuses).toEqual([201, 201, 201, 429]);
});

it('counts attempts that come to nothing, such as asking whose e-mail is taken', async () => {
  const body = { email: 'ada@goconnect.example', password: 'goconnect' };
  const headers = { 'x-forwarded-for': '192.0.2.3' };
  const statuses = [];
  for (let attempt = 0; attempt < 4; attempt++)
    statuses.push((await server.call('POST', '/v1/auth/register', { body, headers })).status);
  expect(statuses).toEqual([409, 409, 409, 429]);
});
