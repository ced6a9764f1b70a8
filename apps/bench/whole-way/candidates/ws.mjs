import { chatMessage } from '../../support/message.mjs';
import { startPlainWs } from '../../support/plain-ws.mjs';
import { groupCommit } from '../stores.mjs';

/** `ws` with our group commit. @type {import('../candidate.mjs').Start} */
export async function start(folder) {
  const store = await groupCommit(folder);
  let number = 0;
  const { port, greeting, broadcast } = await startPlainWs((client) => {
    client.on('message', async (text) => {
      const { op_id, data } = JSON.parse(String(text));
      const message = chatMessage({ number: ++number, ...data });
      await store.append(message);
      client.send(JSON.stringify({ type: 'ack', op_id, data: { message_id: message.id, status: 'sent' } }));
      broadcast(JSON.stringify({ type: 'chat.message', data: message }));
    });
  });
  return { port, greeting, scope: 'host', dialect: 'json' };
}
