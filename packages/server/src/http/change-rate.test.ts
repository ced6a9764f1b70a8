import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.js';

const SECRET = 'a secret for tests, over 32 bytes long';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ wsRateClient: '30/1m', wsRateNetwork: '10/1m', jwtSecret: SECRET });
});
afterAll(() => server.end());

it('lets nobody flood a network by joining and leaving, and its owner throw the flooder out (A6.2)', async () => {
  const [ada, linus] = [await server.tokenOf('ada'), await server.tokenOf('linus')];
  const facts = { name: 'Hall', visibility: 'public', join_policy: 'open' };
  const { data } = await server.call('POST', '/v1/networks', { token: ada, body: facts });
  const network = `/v1/networks/${data.id}`;
  const answers = [];
  for (let round = 0; round < 20; round++) {
    answers.push(await server.call('POST', `${network}/join`, { token: linus }));
    answers.push(await server.call('POST', `${network}/leave`, { token: linus }));
  }
  expect(answers.map(({ status }) => status < 300)).toEqual(answers.map((_, index) => index < 30));
  const refused = answers.at(-1);
  expect(refused).toMatchObject({ status: 429, body: { code: 'ERR_RATE_LIMIT' } });
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(30);

  expect((await server.call('GET', network, { token: linus })).status).toBe(200);
  const ban = { token: ada, body: { user_id: 'linus' } };
  expect((await server.call('POST', `${network}/ban`, ban)).status).toBeLessThan(300);
});

it('leaves a room its messages, however many come and go (0017)', async () => {
  const grace = await server.tokenOf('grace');
  for (let round = 0; round < 10; round++) {
    expect((await server.call('POST', '/v1/networks/lobby/leave', { token: grace })).status).toBe(200);
    expect((await server.call('POST', '/v1/networks/lobby/join', { token: grace })).status).toBe(200);
  }
  const client = await server.connect(grace);
  for (let message = 0; message < 10; message++) {
    const data = { scope: 'network:lobby', body: `${message}` };
    expect(await client.ask('chat.send', `m${message}`, data)).toMatchObject({ type: 'ack' });
  }
  expect(await client.ask('chat.send', 'more', { scope: 'network:lobby', body: 'more' })).toMatchObject({
    error: { code: 'ERR_RATE_LIMIT' },
  });
});

it('takes nobody a place for what somebody of another tenant does who is called like them (0019)', async () => {
  const facts = {
    type: 'access',
    user_id: 'grace',
    tenant_id: 'other',
    is_admin: false,
    is_moderator: false,
  };
  const theirs = await new SignJWT(facts)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET));
  const join = (token: string) => server.call('POST', '/v1/networks/lobby/join', { token });
  const answers = [];
  for (let times = 0; times < 31; times++) answers.push((await join(theirs)).status);
  expect([answers[0], answers.at(-1)]).toEqual([404, 429]);
  expect((await join(await server.tokenOf('grace'))).status).toBe(200);
});
