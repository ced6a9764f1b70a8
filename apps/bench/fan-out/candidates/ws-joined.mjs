import { startPlainWs } from '../../support/plain-ws.mjs';

/**
 * `ws` in an application that gathers what is said in a turn itself and sends it as one frame, a message a line: what
 * batching alone brings. Its clients must know how to take such a frame apart.
 * @type {import('../candidate.mjs').Start}
 */
export async function start() {
  const { port, greeting, broadcast } = await startPlainWs();
  return {
    port,
    greeting,
    say: (messages) =>
      broadcast(messages.map((data) => JSON.stringify({ type: 'chat.message', data })).join('\n')),
  };
}
