import { bundle } from '../../../scripts/size.mjs';
import { PEERS } from '../support/peers.mjs';
import { stubWebSocket } from './stub-web-socket.mjs';

const OPEN = {
  sid: 's-1',
  upgrades: [],
  pingInterval: 3_600_000,
  pingTimeout: 3_600_000,
  maxPayload: 1_000_000,
};

/** Its build for browsers, which takes the global WebSocket. @returns {Promise<any>} */
async function browserBuild() {
  const { files } = await bundle("export { io } from 'socket.io-client';", PEERS);
  const code = Buffer.concat(files).toString('base64');
  return await import(`data:text/javascript;base64,${code}`);
}

/** @type {import('./candidate.mjs').Connect} */
export async function socketIo(onMessage) {
  const WebSocket = stubWebSocket({
    onOpen: [`0${JSON.stringify(OPEN)}`],
    answer: (text) => (text.startsWith('40') ? ['40{"sid":"s-2"}'] : []),
  });
  Object.assign(globalThis, { WebSocket });
  const { io } = await browserBuild();
  const socket = io('ws://chat.example', { transports: ['websocket'] });
  socket.on('chat.message', onMessage);
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return {
    frame: (_, data) => `42${JSON.stringify(['chat.message', data])}`,
    receive: (frame) => WebSocket.current?.receive(frame),
  };
}
