import { chatMessage } from '../support/message.mjs';
import { startSocketIo } from '../support/socket-io.mjs';

/** The chat that socket.io's guide builds, on a store. @param {import('./candidate.mjs').Store} store @returns {Promise<import('./candidate.mjs').Room>} */
export async function startSocketIoChat(store) {
  let number = 0;
  const { port, greeting, emit } = await startSocketIo((socket) => {
    socket.on('chat.send', async (/** @type {any} */ { op_id, data }, /** @type {any} */ answer) => {
      const message = chatMessage({ number: ++number, ...data });
      await store.append(message);
      answer({ op_id, message_id: message.id, status: 'sent' });
      emit('chat.message', message);
    });
  });
  return { port, greeting, scope: 'host', dialect: 'socket.io' };
}
