import { createServer } from '@goconnect/server';
import { SECRET } from '../../support/person.mjs';

/**
 * The whole server with its endpoint, gateway, metrics and store (SQLite in memory): each message is first written to
 * the room's log, which the peers do not have.
 * @type {import('../candidate.mjs').Start}
 */
export async function start() {
  const server = createServer({
    port: 0,
    host: '127.0.0.1',
    databaseUrl: 'sqlite::memory:',
    jwtSecret: SECRET,
    logLevel: 'error',
    // Members that only read answer no ping; a round is over before one is missed.
    wsPingPeriodMs: '30m',
    wsPongWaitMs: '1h',
  });
  const { port } = await server.start();
  return {
    port,
    greeting: {
      upgrade: { path: '/v1/ws', protocol: 'goconnect.v1', tenant: 'own' },
      say: [JSON.stringify({ type: 'presence.ping', op_id: 'first-word', data: {} })],
      heard: 'presence.pong',
    },
    say(messages) {
      for (const message of messages) void server.broadcast('host', 'chat.message', message);
    },
  };
}
