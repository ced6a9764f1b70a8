/** Lets `goconnect-testkit conformance client` drive the class `Client` of ../websocket/node_client.js. */
import { Client } from '../websocket/node_client.js';
import { obey, settle, tell } from './adapter_lines.mjs';

let client;
let first; // the token of the start; later ones are asked for
let giveToken = () => {};
let closing;
let over = false;

function freshToken() {
  if (first) {
    const token = first;
    first = undefined;
    return token;
  }
  tell({ say: 'token' });
  return new Promise((resolve) => {
    giveToken = resolve;
  });
}

const commands = {
  start({ url, token }) {
    first = token;
    client = new Client({ url, token: freshToken });
    client.on('status', (text) =>
      tell({ say: 'status', status: text === 'connected' ? 'connected' : 'away' }),
    );
    client.on('message', ({ type, data }) => tell({ say: 'event', type: String(type), data }));
    client.on('closed', () => {
      over = true;
      tell({ say: 'status', status: closing === undefined ? 'failed' : 'closed' });
      if (closing !== undefined) tell({ say: 'done', id: closing, data: {} });
      closing = undefined;
    });
    tell({ say: 'ready', can: ['ping', 'token', 'queue'] });
  },
  connect: () => client.connect(),
  send: ({ id, scope, body }) => settle(id, client.request('chat.send', { scope, body })),
  ping: ({ id }) => settle(id, client.request('presence.ping', {}, { queue: false })),
  token: ({ token }) => giveToken(token),
  close({ id }) {
    if (over) return void settle(id, Promise.resolve());
    closing = id;
    client.close();
  },
};

obey(commands, () => process.exit());
