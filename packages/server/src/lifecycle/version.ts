import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest = z.object({ version: z.string() });

/** Version of this package. `src` and `dist` lie beside package.json alike. */
export const VERSION: string = manifest.parse(JSON.parse(readFileSync(findManifest(), 'utf8'))).version;

function findManifest(): URL {
  const inDist = new URL('../package.json', import.meta.url);
  return import.meta.url.includes('/lifecycle/') ? new URL('../../package.json', import.meta.url) : inDist;
}
