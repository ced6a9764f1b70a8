import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * The floor: plain TCP, no WebSocket, no framing but a newline, one shared buffer a turn.
 * @type {import('../candidate.mjs').Start}
 */
export async function start() {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.write('welcome\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    greeting: { say: [], heard: 'welcome' },
    say(messages) {
      const lines = messages.map((data) => `${JSON.stringify({ type: 'chat.message', data })}\n`);
      const bytes = Buffer.from(lines.join(''));
      for (const socket of sockets) socket.write(bytes);
    },
  };
}
