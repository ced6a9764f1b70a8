import { stat } from 'node:fs/promises';
import { keyFileFault } from '../adapters/key-set.js';
import { StartError } from '../domain/start-error.js';
import type { Settings } from '../settings/settings.js';

/**
 * What settings name and the server only reads has to be there, or request after request would find out. Looks, and
 * changes nothing.
 *
 * @throws StartError with one line for all that is missing
 */
export async function checkNamedFiles({
  staticDir,
  jwtJwksUrl,
}: Pick<Settings, 'staticDir' | 'jwtJwksUrl'>): Promise<void> {
  const faults: string[] = [];
  if (staticDir !== undefined && !(await isFolder(staticDir)))
    faults.push(`STATIC_DIR: there is no folder ${staticDir}`);
  const keys = jwtJwksUrl === undefined ? undefined : await keyFileFault(jwtJwksUrl);
  if (keys !== undefined) faults.push(`JWT_JWKS_URL: ${jwtJwksUrl} ${keys}`);
  if (faults.length > 0) throw new StartError(faults.join('; '));
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
