import type { AddressInfo, Server } from 'node:net';
import { port as anyPort, check } from './rules.js';
import { TestkitError } from './testkit-error.js';

/**
 * Lets a server listen, and resolves with the port it got.
 *
 * @param who what it is called in the error
 * @param remedy what to do when something else listens there
 * @throws `TestkitError`: `port_taken`; `bad_argument` for a port that is none, or where this machine cannot listen
 */
export async function listenOn(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  who: string,
  remedy: string,
): Promise<number> {
  check(port, anyPort, 'port');
  await new Promise<void>((resolve, reject) => {
    const refused = (cause: NodeJS.ErrnoException) => reject(refusal(cause, `${host}:${port}`, who, remedy));
    server.once('error', refused);
    server.listen(port, host, () => {
      server.off('error', refused);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

function refusal(cause: NodeJS.ErrnoException, where: string, who: string, remedy: string): TestkitError {
  if (cause.code === 'EADDRINUSE')
    return new TestkitError('port_taken', `Something already listens at ${where}.`, remedy, { cause });
  return new TestkitError(
    'bad_argument',
    `${who} cannot listen at ${where} (${cause.code ?? cause.message}).`,
    'Give an address of this machine and a port that you may use.',
    { cause },
  );
}
