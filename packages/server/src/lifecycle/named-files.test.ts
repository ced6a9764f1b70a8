import { generateKeyPairSync } from 'node:crypto';
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createServer } from '../create-server.js';
import { StartError } from '../domain/start-error.js';
import { checkNamedFiles } from './named-files.js';

let folder: string;
let page: string;
let keys: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect files-'));
  page = join(folder, 'page.html');
  keys = join(folder, 'keys.json');
  await writeFile(page, '<!doctype html>');
  const jwk = { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid: 'a' };
  await writeFile(keys, JSON.stringify({ keys: [jwk] }));
});
afterEach(() => rm(folder, { recursive: true }));

const refusal = async (settings: Parameters<typeof checkNamedFiles>[0]) => {
  const error: unknown = await checkNamedFiles(settings).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartError);
  return (error as StartError).message;
};

it('passes what is there, and what is elsewhere and may come', async () => {
  await checkNamedFiles({});
  await checkNamedFiles({ staticDir: folder, jwtJwksUrl: `file:${keys}` });
  await copyFile(keys, join(folder, 'my keys.json'));
  await checkNamedFiles({ jwtJwksUrl: `${pathToFileURL(join(folder, 'my keys.json'))}` });
  await checkNamedFiles({ jwtJwksUrl: 'https://nowhere.invalid/jwks' });
});

it('names a page that is no folder, or nothing at all', async () => {
  expect(await refusal({ staticDir: page })).toBe(`STATIC_DIR: there is no folder ${page}`);
  expect(await refusal({ staticDir: join(folder, 'nope') })).toContain('STATIC_DIR: there is no folder');
});

it.each([
  ['nope.json', 'is not there'],
  ['page.html/keys.json', 'is not there'],
  ['.', 'is a folder'],
  ['page.html', 'holds no JSON Web Key Set'],
])('names keys of another issuer: %s %s', async (name, why) => {
  expect(await refusal({ jwtJwksUrl: `file:${folder}/${name}` })).toBe(
    `JWT_JWKS_URL: file:${folder}/${name} ${why}`,
  );
});

it('names both in one line', async () => {
  const message = await refusal({ staticDir: page, jwtJwksUrl: `file:${folder}` });
  expect(message).toMatch(/^STATIC_DIR: .*; JWT_JWKS_URL: [^\n]*$/);
});

it('stops the start before anything is opened', async () => {
  const server = createServer({
    jwtJwksUrl: 'file:nope',
    staticDir: page,
    port: 0,
    databaseUrl: `file:${folder}/a.db`,
    logLevel: 'silent',
  });
  await expect(server.start()).rejects.toThrow(/^STATIC_DIR: .*; JWT_JWKS_URL: file:nope is not there$/);
  expect(await readdir(folder)).toEqual(['keys.json', 'page.html']);
});
