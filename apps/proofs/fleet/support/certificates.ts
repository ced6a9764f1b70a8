import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Files of an authority of our own, and of certificates that it signed. */
export interface Certificates {
  /** The certificate of the authority. */
  readonly authority: string;
  /** A certificate and its key, for an IP address. */
  issue(address: string): Promise<{ readonly cert: string; readonly key: string }>;
  remove(): Promise<void>;
}

export async function makeCertificates(openssl: string): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'gc-tls-'));
  const run = async (...args: string[]) => {
    await promisify(execFile)(openssl, args, { cwd: folder });
  };
  const newKey = (file: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', file];
  await run(
    'req',
    '-x509',
    ...newKey('ca.key'),
    '-out',
    'ca.pem',
    '-subj',
    '/CN=of the proofs',
    '-days',
    '2',
  );
  return {
    authority: join(folder, 'ca.pem'),
    async issue(address) {
      const [cert, key] = [`${address}.pem`, `${address}.key`];
      await writeFile(join(folder, 'names'), `subjectAltName=IP:${address}`);
      await run('req', '-new', ...newKey(key), '-out', 'request', '-subj', '/CN=redis');
      const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
      await run('x509', '-req', '-in', 'request', ...signer, '-extfile', 'names', '-days', '2', '-out', cert);
      return { cert: join(folder, cert), key: join(folder, key) };
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
