import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filePath } from '../adapters/file-path.js';
import { StartError } from '../domain/start-error.js';
import { MIN_SECRET_BYTES } from '../settings/variables.js';

/** A name that no pattern for databases or pages catches. */
const FILE = 'goconnect-dev-secret';
const OWNER_ONLY = 0o600;

/**
 * The secret of development mode: random, kept beside the database so that log-ins outlive a restart, readable by its
 * owner only. A database in memory has a secret in memory.
 */
export async function devSecret(databaseUrl: string): Promise<string> {
  if (databaseUrl === 'sqlite::memory:') return makeSecret();
  const folder = folderOf(databaseUrl);
  const path = join(folder, FILE);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(path, makeSecret(), { flag: 'wx', mode: OWNER_ONLY });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  await chmod(path, OWNER_ONLY);
  const secret = (await readFile(path, 'utf8')).trim();
  if (Buffer.byteLength(secret) >= MIN_SECRET_BYTES) return secret;
  throw new StartError(
    `${path} holds no secret of ${MIN_SECRET_BYTES} bytes; delete it and a new one is made`,
  );
}

function folderOf(databaseUrl: string): string {
  return databaseUrl.startsWith('file:') ? dirname(filePath(databaseUrl)) : 'data';
}

function makeSecret(): string {
  return randomBytes(48).toString('base64url');
}
