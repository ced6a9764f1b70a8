import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './testing/test-server.js';

const SECRET = 'a secret for tests, over 32 bytes long';

/** A token as another issuer with the same secret makes it; with `sid` it says that it is of a log-in here. */
function sign(userId: string, claims: object): Promise<string> {
  return new SignJWT({ type: 'access', user_id: userId, tenant_id: 'default', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET));
}

describe('the claims is_admin and is_moderator of a token that another issuer made (A3.7)', () => {
  let server: TestServer;
  let ada: string;
  beforeAll(async () => {
    server = await startTestServer({ jwtSecret: SECRET });
    ada = await server.tokenOf('ada');
  });
  afterAll(() => server.end());

  const listAll = (token: string) => server.call('GET', '/v1/networks?visibility=all', { token });
  let said = 0;
  const inHost = async (token: string) => {
    const client = await server.connect(ada);
    const { data } = await client.ask('chat.send', `said-${++said}`, { scope: 'host', body: 'words' });
    await client.close();
    const other = await server.connect(token);
    const answer = await other.ask('chat.redact', 'redact', { message_id: data?.message_id, mask: '***' });
    await other.close();
    return answer;
  };

  it('act in the whole deployment, for whom no row is here', async () => {
    const admin = await sign('chief', { is_admin: true });
    const moderator = await sign('watcher', { is_moderator: true });
    expect((await listAll(admin)).list.map(({ id }) => id)).toContain('attic');
    expect((await listAll(moderator)).status).toBe(403);
    for (const token of [admin, moderator]) expect(await inHost(token)).toMatchObject({ type: 'ack' });
    expect(await inHost(await sign('nobody', {}))).toMatchObject({
      type: 'error',
      error: { code: 'ERR_FORBIDDEN' },
    });
  });

  it('act for a user who has a row here as well', async () => {
    expect((await listAll(await sign('linus', { is_admin: true }))).status).toBe(200);
    expect((await listAll(await server.tokenOf('linus'))).status).toBe(403);
  });

  it('stay within the tenant', async () => {
    const elsewhere = await sign('chief', { is_admin: true, tenant_id: 'other' });
    expect((await listAll(elsewhere)).list).toEqual([]);
    expect((await server.call('DELETE', '/v1/networks/lobby', { token: elsewhere })).status).toBe(404);
  });

  it('give nothing in a token of a log-in here: its user may have been demoted since', async () => {
    const login = await server.call('POST', '/v1/auth/login', {
      body: { email: 'linus@goconnect.example', password: 'goconnect' },
    });
    const [, payload = ''] = String(login.data.access_token).split('.');
    const { sid } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const before = await sign('linus', { is_admin: true, is_moderator: true, sid });
    expect((await listAll(before)).status).toBe(403);
    expect(await inHost(before)).toMatchObject({ type: 'error', error: { code: 'ERR_FORBIDDEN' } });
  });
});
