/** Whether the server will get its port, asked before minutes of work go into it. */
import { createServer } from 'node:net';
import { Stop } from './process.mjs';

/** @param {number} port @param {string} host @returns {Promise<string | undefined>} the error's code */
function tryListen(port, host) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (/** @type {NodeJS.ErrnoException} */ error) => resolve(error.code));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(undefined)));
  });
}

/**
 * @param {string | undefined} wanted the PORT variable; empty is unset, as for HOST
 * @param {string | undefined} host @param {string} command what the reader gave
 */
export async function freePort(wanted, host, command) {
  const text = wanted || '8080';
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new Stop(`PORT must be a number from 0 to 65535, not "${text}".`);
  if (port === 0) return port;
  // A browser asks for `localhost` on both addresses, so another program on either one would answer in our place.
  for (const address of host ? [host] : ['127.0.0.1', '::1']) {
    const code = await tryListen(port, address);
    if (code === 'EADDRINUSE')
      throw new Stop(
        `Port ${port} is already in use. Stop what uses it, or choose another one: PORT=${port + 1} ${command}`,
      );
    if (code === 'EACCES')
      throw new Stop(`Port ${port} may not be opened by this user. Choose another one: PORT=8080 ${command}`);
  }
  return port;
}
