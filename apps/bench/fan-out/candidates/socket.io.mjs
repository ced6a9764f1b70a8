import { startSocketIo } from '../../support/socket-io.mjs';

/** @type {import('../candidate.mjs').Start} */
export async function start() {
  const { port, greeting, emit } = await startSocketIo();
  return {
    port,
    greeting,
    say(messages) {
      for (const data of messages) emit('chat.message', data);
    },
  };
}
