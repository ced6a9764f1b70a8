import { join } from 'node:path';
import { createServer } from '@goconnect/server';
import { actor, COMMON_TENANT, SECRET } from '../../support/person.mjs';

/** More than the bench has members. */
const PEOPLE = 200;

/**
 * The server as it ships, with limits that let a bench through: everybody is a member of one network, and each
 * `chat.send` is checked, remembered against repeats, written to history and log, answered and passed on.
 * @type {import('../candidate.mjs').Start}
 */
export async function start(folder) {
  const server = createServer({
    port: 0,
    host: '127.0.0.1',
    databaseUrl: `file:${join(folder, 'bench.db')}`,
    jwtSecret: SECRET,
    logLevel: 'error',
    wsRateClient: '10000/1s',
    wsRateNetwork: '100000/1s',
    wsPingPeriodMs: '30m',
    wsPongWaitMs: '1h',
  });
  const { port } = await server.start();
  const founder = actor(0, COMMON_TENANT);
  const network = /** @type {const} */ ({ name: 'bench', visibility: 'public', joinPolicy: 'open' });
  const { id } = await server.networks.create(founder, network);
  const others = Array.from({ length: PEOPLE - 1 }, (_, index) => actor(index + 1, COMMON_TENANT));
  await Promise.all(others.map((other) => server.networks.join(other, id)));
  return {
    port,
    greeting: {
      upgrade: { path: '/v1/ws', protocol: 'goconnect.v1', tenant: 'same' },
      say: [JSON.stringify({ type: 'presence.ping', op_id: 'first-word', data: {} })],
      heard: 'presence.pong',
    },
    scope: `network:${id}`,
    dialect: 'json',
  };
}
