import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ maxNetworksPerUser: 2 });
});
afterAll(() => server.end());

it('refuses networks past MAX_NETWORKS_PER_USER with 403, says why, and takes them again after one was left', async () => {
  const { token } = await server.newUser('full');
  const make = () => {
    const body = { name: 'A network', visibility: 'public', join_policy: 'open' };
    return server.call('POST', '/v1/networks', { token, body });
  };
  const [made, , refused] = [await make(), await make(), await make()];
  const reason = {
    code: 'ERR_FORBIDDEN',
    message: 'You are in 2 networks, which is the most there may be. Leave one first.',
    details: { reason: 'too_many_networks' },
  };
  expect([refused.status, refused.body]).toMatchObject([403, reason]);
  const joined = await server.call('POST', '/v1/networks/lobby/join', { token, body: {} });
  expect([joined.status, joined.body]).toMatchObject([403, reason]);
  await server.call('DELETE', `/v1/networks/${made.data.id}`, { token });
  expect((await make()).status).toBe(201);
});
