import { offer } from '../support/child.mjs';
import { bodyOf, chatMessage } from '../support/message.mjs';

// A process with nothing but the server on trial in it: `server.mjs goconnect`.

const [name] = process.argv.slice(2);
/** @type {import('./candidate.mjs').Start} */
const start = (await import(`./candidates/${name}.mjs`)).start;
const room = await start();
let said = 0;

/** Made before it is said: what an application does to have a message is nobody's fan-out. @param {number} length */
const messages = (length) =>
  Array.from({ length }, () =>
    chatMessage({ number: ++said, scope: 'host', body: bodyOf(`number ${said} `) }),
  );

offer({
  open: () => ({ port: room.port, greeting: room.greeting }),
  say: ({ perTurn }) => room.say(messages(perTurn)),
  /** Processor time of this process, microseconds. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
});
