import { peer } from '../support/peers.mjs';
import { stubWebSocket } from './stub-web-socket.mjs';

const CHANNEL = 'lobby';

/** One command a line: connect, then subscribe with positions, so that it minds the order as we do. @param {string} text */
function answer(text) {
  return text.split('\n').map((line) => {
    const { id, connect } = JSON.parse(line);
    if (connect) return JSON.stringify({ id, connect: { client: 'c-1', version: '0' } });
    return JSON.stringify({
      id,
      subscribe: { recoverable: true, positioned: true, epoch: 'e-1', offset: 0 },
    });
  });
}

/** @type {import('./candidate.mjs').Connect} */
export async function centrifuge(onMessage) {
  const WebSocket = stubWebSocket({ answer });
  const { Centrifuge } = peer('centrifuge');
  const client = new Centrifuge('wss://chat.example/connection/websocket', { websocket: WebSocket });
  const subscription = client.newSubscription(CHANNEL);
  subscription.on('publication', (/** @type {any} */ publication) => onMessage(publication.data));
  subscription.subscribe();
  client.connect();
  await subscription.ready(5_000);
  return {
    frame: (offset, data) => JSON.stringify({ push: { channel: CHANNEL, pub: { data, offset } } }),
    receive: (frame) => WebSocket.current?.receive(frame),
  };
}
