import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.js';

const email = 'new@people.example';

describe('accounts over HTTP', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.end());

  const post = (path: string, body: unknown, token?: string) =>
    server.call('POST', `/v1/auth/${path}`, { body, ...(token !== undefined && { token }) });
  const login = (who = email, password = 'goconnect') => post('login', { email: who, password });

  it('registers, logs in, refreshes and logs out', async () => {
    const registered = await post('register', { email, password: 'goconnect', name: 'New' });
    expect(registered.status).toBe(201);
    expect(registered.body).toEqual({
      data: {
        id: expect.any(String),
        tenant_id: 'default',
        email,
        name: 'New',
        is_admin: false,
        is_moderator: false,
        created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    });

    const loggedIn = await login();
    expect(loggedIn.status).toBe(200);
    expect(loggedIn.body).toEqual({
      data: {
        access_token: expect.any(String),
        refresh_token: expect.any(String),
        expires_in: 900,
        token_type: 'Bearer',
        user: registered.data,
      },
    });

    const refreshed = await post('refresh', { refresh_token: loggedIn.data.refresh_token });
    expect(refreshed.status).toBe(200);
    expect(refreshed.body).toEqual({
      data: {
        access_token: expect.any(String),
        refresh_token: expect.any(String),
        expires_in: 900,
        token_type: 'Bearer',
      },
    });
    expect(refreshed.data.refresh_token).not.toBe(loggedIn.data.refresh_token);

    const out = await post(
      'logout',
      { refresh_token: refreshed.data.refresh_token },
      refreshed.data.access_token,
    );
    expect([out.status, out.body]).toEqual([200, { data: { status: 'logged_out' } }]);
    expect((await post('refresh', { refresh_token: refreshed.data.refresh_token })).status).toBe(401);
    const late = await server.call('GET', '/v1/networks', { token: refreshed.data.access_token ?? '' });
    expect([late.status, late.body]).toMatchObject([401, { details: { reason: 'revoked' } }]);
  });

  it('revokes the whole login when a spent refresh token comes again (A5.3)', async () => {
    const { data } = await login('ada@goconnect.example');
    const next = await post('refresh', { refresh_token: data.refresh_token });
    expect((await post('refresh', { refresh_token: data.refresh_token })).body).toMatchObject({
      code: 'ERR_UNAUTHORIZED',
    });
    expect((await post('refresh', { refresh_token: next.data.refresh_token })).status).toBe(401);
  });

  it('gives the same pair again to a repeat with the same Idempotency-Key, for its answer may have been lost (A5.3)', async () => {
    const { data } = await login('ada@goconnect.example');
    const again = () =>
      server.call('POST', '/v1/auth/refresh', {
        body: { refresh_token: data.refresh_token },
        headers: { 'idempotency-key': 'r-1' },
      });
    const [one, two] = [await again(), await again()];
    expect(two.status).toBe(200);
    expect(two.data.refresh_token).toBe(one.data.refresh_token);
  });

  it('does not tell whether an account exists', async () => {
    const wrong = await login('ada@goconnect.example', 'wrong-password');
    const nobody = await login('nobody@goconnect.example', 'wrong-password');
    expect(wrong.status).toBe(401);
    expect(nobody.status).toBe(401);
    expect(nobody.body).toEqual(wrong.body);
  });

  it('makes one account of one address, however it is spelt', async () => {
    await post('register', { email: 'once@people.example', password: 'goconnect' });
    const again = await post('register', { email: 'Once@People.example', password: 'other-password' });
    expect([again.status, again.body]).toMatchObject([
      409,
      { code: 'ERR_CONFLICT', details: { field: 'email' } },
    ]);
    expect((await login('ONCE@people.example')).status).toBe(200);
  });

  it.each([
    ['no e-mail', { password: 'goconnect' }, 'email'],
    ['no address', { email: 'ada', password: 'goconnect' }, 'email'],
    [
      'an address with a line break',
      { email: 'ada@x.example\nBcc: b@x.example', password: 'goconnect' },
      'email',
    ],
    [
      'an address of 300 characters',
      { email: `${'a'.repeat(290)}@x.example`, password: 'goconnect' },
      'email',
    ],
    ['7 characters of password', { email, password: '1234567' }, 'password'],
    ['73 characters of password', { email, password: 'x'.repeat(73) }, 'password'],
    ['7 characters that are 14 units', { email, password: '💬'.repeat(7) }, 'password'],
    ['a password that is half a character', { email, password: 'goconnect\ud800' }, 'password'],
    ['a password that is a list', { email, password: ['goconnect'] }, 'password'],
    ['a name of control characters', { email, password: 'goconnect', name: '\u0007' }, 'name'],
    ['a name of 65 characters', { email, password: 'goconnect', name: 'n'.repeat(65) }, 'name'],
    ['a list', [], ''],
    ['null', null, ''],
    ['a text', 'hello', ''],
  ])('refuses to register %s', async (_name, body, field) => {
    const { status, body: failure } = await post('register', body);
    expect([status, failure]).toMatchObject([400, { code: 'ERR_INVALID_MESSAGE', details: { field } }]);
  });

  it('never takes rights from what is registered', async () => {
    const answer = await post('register', {
      email: 'root@people.example',
      password: 'goconnect',
      is_admin: true,
      tenant_id: 'other',
      id: 'ada',
      __proto__: { is_admin: true },
    });
    expect(answer.data).toMatchObject({ is_admin: false, tenant_id: 'default' });
    expect(answer.data.id).not.toBe('ada');
  });

  it('answers a guesser with 429 and Retry-After, and the owner with a token', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 21 }, () => login('linus@goconnect.example', 'wrong-password')),
    );
    const refused = guesses.filter(({ status }) => status === 429);
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(20);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.body).toMatchObject({
      code: 'ERR_RATE_LIMIT',
      details: { retry_after_ms: expect.any(Number) },
    });
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(50);
    expect((await login('grace@goconnect.example')).status).toBe(200);
  });

  it.each([
    ['nothing', undefined],
    ['an empty token', ''],
    ['no token', 'hello'],
  ])('lets nobody log out with %s', async (_name, token) => {
    const { status, headers, body } = await post('logout', { refresh_token: 'x' }, token);
    expect([status, headers.get('www-authenticate'), body]).toMatchObject([
      401,
      'Bearer',
      { code: 'ERR_UNAUTHORIZED' },
    ]);
  });

  it("lets nobody end somebody else's login", async () => {
    const ada = await login('ada@goconnect.example');
    const graces = await server.tokenOf('grace');
    expect((await post('logout', { refresh_token: ada.data.refresh_token }, graces)).status).toBe(401);
    expect((await post('refresh', { refresh_token: ada.data.refresh_token })).status).toBe(200);
  });

  it('puts no password and no token into the log (A5.5)', async () => {
    const { data } = await login('ada@goconnect.example');
    await login('canary-user@x.example', 'canary-password');
    await server.call('GET', '/v1/networks?token=canary-query', { token: data.access_token ?? '' });
    await server.call('GET', '/v1/networks', { token: 'canary.bearer.token' });
    await post('refresh', { refresh_token: 'canary-refresh' });
    const log = server.logs.join('\n');
    expect(log).toContain('/v1/auth/login');
    expect(log).not.toContain('canary');
    for (const secret of [data.access_token, data.refresh_token]) expect(log).not.toContain(secret);
  });
});
