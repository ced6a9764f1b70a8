import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the peers live: outside the workspace, installed by `npm run bench` alone. */
export const PEERS = fileURLToPath(new URL('../peers', import.meta.url));

const theirs = createRequire(join(PEERS, 'package.json'));

/** Loads a peer. @param {string} name */
export function peer(name) {
  return theirs(name);
}

/** The version that is installed, of a peer or else of a package of the workspace. @param {string} name */
export function versionOf(name) {
  const manifests = [PEERS, dirname(PEERS)].map((folder) =>
    join(folder, 'node_modules', name, 'package.json'),
  );
  const manifest = manifests.find((file) => existsSync(file));
  if (manifest === undefined) throw new Error(`${name} is not installed: npm run bench brings the peers.`);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}
