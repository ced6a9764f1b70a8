import { offer } from '../support/child.mjs';

// A process with nothing but the server on trial in it: `server.mjs goconnect <folder>`.

const [name, folder] = process.argv.slice(2);
/** @type {import('./candidate.mjs').Start} */
const start = (await import(`./candidates/${name}.mjs`)).start;
const room = await start(folder ?? '.');

offer({ open: () => room });
