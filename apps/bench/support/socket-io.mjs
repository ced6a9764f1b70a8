import { once } from 'node:events';
import { createServer } from 'node:http';
import { peer } from './peers.mjs';

const ROOM = 'room';

/** Engine.IO 4 over a WebSocket: `40` enters the main namespace. @type {import('./member.mjs').Greeting} */
export const SOCKET_IO_GREETING = {
  upgrade: { path: '/socket.io/?EIO=4&transport=websocket' },
  say: ['40'],
  heard: '42["welcome"]',
};

/**
 * A socket.io server whose clients are all in one room. As the defaults are, but without a fallback to long polling, and
 * without heartbeats, which members that only read do not answer.
 * @param {(socket: any) => void} [onConnection]
 */
export async function startSocketIo(onConnection = () => {}) {
  const http = createServer();
  const { Server } = peer('socket.io');
  const io = new Server(http, { transports: ['websocket'], pingInterval: 3_600_000, serveClient: false });
  io.on('connection', (/** @type {any} */ socket) => {
    socket.join(ROOM);
    onConnection(socket);
    socket.emit('welcome');
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    port: /** @type {import('node:net').AddressInfo} */ (http.address()).port,
    greeting: SOCKET_IO_GREETING,
    /** @param {string} type @param {object} data */
    emit: (type, data) => void io.to(ROOM).emit(type, data),
  };
}
