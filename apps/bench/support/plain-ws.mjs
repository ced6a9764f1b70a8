import { once } from 'node:events';
import { WebSocketServer } from 'ws';

/** Greets a WebSocket server that says `welcome`. @type {import('./member.mjs').Greeting} */
const GREETING = { upgrade: { path: '/' }, say: [], heard: 'welcome' };

/**
 * A server of nothing but `ws`. What it sends to everybody it sends in a loop over its clients, as the README of `ws` shows.
 * @param {(client: import('ws').WebSocket) => void} [onConnection]
 */
export async function startPlainWs(onConnection = () => {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  server.on('connection', (client) => {
    onConnection(client);
    client.send('welcome');
  });
  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    greeting: GREETING,
    /** @param {string} text */
    broadcast(text) {
      for (const client of server.clients) client.send(text);
    },
  };
}
