import { readFileSync } from 'node:fs';

/** Version of this package. The program lies one folder deeper in `src` than in `dist`, which is one file. */
export const VERSION: string = versionOf(import.meta.url.endsWith('/command/version.ts') ? '../../' : '../');

function versionOf(folder: string): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL(`${folder}package.json`, import.meta.url), 'utf8'),
  );
  return manifest.version;
}
