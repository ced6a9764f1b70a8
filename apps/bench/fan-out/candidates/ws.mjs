import { startPlainWs } from '../../support/plain-ws.mjs';

/** @type {import('../candidate.mjs').Start} */
export async function start() {
  const { port, greeting, broadcast } = await startPlainWs();
  return {
    port,
    greeting,
    say(messages) {
      for (const data of messages) broadcast(JSON.stringify({ type: 'chat.message', data }));
    },
  };
}
