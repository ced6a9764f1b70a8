import { createInterface } from 'node:readline';
import { createClient } from '@goconnect/client';

const EVENTS = ['chat.message', 'chat.edited', 'chat.deleted', 'chat.redacted', 'presence.update'];
EVENTS.push('member.joined', 'member.left', 'request.join.pending', 'admin.kick', 'admin.ban', 'net.updated');
const CAN = ['v1', 'ping', 'token', 'renewal', 'queue', 'gap', 'wake'];

const tell = (saying) => process.stdout.write(`${JSON.stringify(saying)}\n`);
const pairOf = ({ token, refresh_token }) => ({ accessToken: token, refreshToken: refresh_token });

/** Tells how an operation ended. */
const settle = (id, work) =>
  work.then(
    (data) => tell({ say: 'done', id, data: data ?? {} }),
    ({ code }) => tell({ say: 'failed', id, code }),
  );

let client;
let first; // the token of the start; later ones are asked for
let giveToken = () => {};
let wakeUp = () => {};

const commands = {
  start({ url, ...token }) {
    first = token;
    client = createClient({
      url,
      token() {
        const given = first;
        first = undefined;
        if (given) return Promise.resolve(pairOf(given));
        tell({ say: 'token' });
        return new Promise((resolve) => {
          giveToken = (next) => resolve(pairOf(next));
        });
      },
      lifecycle: {
        subscribe(listener) {
          wakeUp = () => listener('wake');
          return () => {};
        },
      },
    });
    for (const type of EVENTS) client.on(type, (data) => tell({ say: 'event', type, data }));
    client.on('unknown', ({ type, data }) => tell({ say: 'event', type: type ?? '', data }));
    client.on('error', ({ code }) => tell({ say: 'event', type: 'error', data: { code } }));
    client.on('gap', ({ room }) => tell({ say: 'gap', room }));
    client.on('state', ({ status }) => {
      const known = ['connected', 'failed', 'closed'].includes(status);
      tell({ say: 'status', status: known ? status : 'away' });
    });
    tell({ say: 'ready', can: CAN });
  },
  connect: () => void client.connect().catch(() => {}),
  send: ({ id, scope, body }) => settle(id, client.chat.send({ scope, body })),
  ping: ({ id }) => settle(id, client.presence.ping()),
  token: (token) => giveToken(token),
  wake: () => wakeUp(),
  close: ({ id }) => settle(id, client.close()),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { do: name, ...ask } = JSON.parse(line);
  commands[name](ask);
});
