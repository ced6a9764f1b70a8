import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeysUnavailable } from '../ports/tokens.js';
import { createKeySet } from './key-set.js';

const MINUTE = 60_000;
const jwk = (kid: string) => ({
  ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }),
  kid,
  alg: 'EdDSA',
});
const header = (kid: string) => ({ alg: 'EdDSA', kid });

describe('a key set', () => {
  let now = 0;
  const clock = { monotonic: () => now };
  let folder: string;
  let server: Server;
  let url: string;
  let requests = 0;
  let answer: { status: number; body: string; location?: string };
  /** Answers only after this. */
  let silence: Promise<void>;
  const serve = (...kids: string[]) => ({ status: 200, body: JSON.stringify({ keys: kids.map(jwk) }) });

  beforeEach(async () => {
    now = 0;
    requests = 0;
    answer = serve('a');
    silence = Promise.resolve();
    folder = await mkdtemp(join(tmpdir(), 'goconnect-keys-'));
    server = createServer(async (request, response) => {
      if (request.url === '/elsewhere') return void response.end(serve('a').body);
      requests++;
      await silence;
      response
        .writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location })
        .end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  it('is fetched once for many tokens, also at the same time', async () => {
    const find = createKeySet(url, clock);
    await Promise.all(Array.from({ length: 50 }, () => find(header('a'))));
    await find(header('a'));
    expect(requests).toBe(1);
  });

  it('is fetched again when a token names a new key, at most once in 30 s', async () => {
    const find = createKeySet(url, clock);
    await find(header('a'));
    answer = serve('b');
    // It may be good, and only the issuer knows.
    await expect(find(header('b'))).rejects.toBeInstanceOf(KeysUnavailable);
    now += 30_000;
    await find(header('b'));
    for (let attempt = 0; attempt < 20; attempt++)
      await expect(find(header(`made-up-${attempt}`))).rejects.toBeInstanceOf(KeysUnavailable);
    expect(requests).toBe(2);
  });

  it('does not hold a key when the issuer, asked after the token came, has none', async () => {
    const missing = { code: 'ERR_JWKS_NO_MATCHING_KEY' };
    const find = createKeySet(url, clock);
    await expect(find(header('made-up'))).rejects.toMatchObject(missing);
    now += 30_000;
    await expect(find(header('made-up'))).rejects.toMatchObject(missing);
    expect(requests).toBe(2);
  });

  it('tells everybody of a key that was taken out that it is gone, once one look-up has shown it', async () => {
    answer = serve('b');
    const find = createKeySet(url, clock);
    await find(header('b'));
    // A stranger has used the look-up up.
    await expect(find(header('a'))).rejects.toBeInstanceOf(KeysUnavailable);
    now += 30_000;
    const missing = { code: 'ERR_JWKS_NO_MATCHING_KEY' };
    await expect(find(header('made-up'))).rejects.toMatchObject(missing);
    for (let client = 0; client < 60; client++)
      await expect(find(header('a'))).rejects.toMatchObject(missing);
    expect(requests).toBe(2);
    answer = serve('a', 'b');
    now += 30_000;
    await find(header('a'));
  });

  it('is not fetched again for a key that is there for another algorithm', async () => {
    const find = createKeySet(url, clock);
    await find(header('a'));
    const another = { alg: 'RS256', kid: 'a' };
    for (const _ of ['at once', 'later']) {
      await expect(find(another)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
      now += 30_000;
    }
    expect(requests).toBe(1);
  });

  it('says of a new key that nobody knows, while its issuer does not answer', async () => {
    const find = createKeySet(url, clock);
    await find(header('a'));
    answer = { status: 500, body: '' };
    now += 30_000;
    await expect(find(header('b'))).rejects.toBeInstanceOf(KeysUnavailable);
    await find(header('a'));
  });

  it('forgets a key that its issuer took out, after ten minutes', async () => {
    const find = createKeySet(url, clock);
    await find(header('a'));
    answer = serve('b');
    now += 10 * MINUTE + 1;
    await expect(find(header('a'))).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  });

  it('keeps no token waiting that names a key which is there, while its issuer is silent', async () => {
    const find = createKeySet(url, clock);
    await find(header('a'));
    let speak = () => {};
    silence = new Promise((resolve) => {
      speak = resolve;
    });
    answer = serve('a', 'b');
    now += 5 * MINUTE + 1;
    await find(header('a'));
    await expect.poll(() => requests).toBe(2);
    const found: string[] = [];
    const newer = find(header('b')).then(() => found.push('b'));
    await find(header('a')).then(() => found.push('a'));
    speak();
    await newer;
    expect(found).toEqual(['a', 'b']);
    expect(requests).toBe(2);
  });

  it('keeps no token waiting once its issuer has failed, however old it is', async () => {
    const find = createKeySet(url, clock);
    await find(header('a'));
    answer = { status: 500, body: '' };
    now += 10 * MINUTE + 1;
    await find(header('a'));
    let speak = () => {};
    silence = new Promise((resolve) => {
      speak = resolve;
    });
    answer = serve('b');
    now += MINUTE;
    const waits = find(header('b'));
    await find(header('a'));
    speak();
    await waits;
    await expect(find(header('a'))).rejects.toBeInstanceOf(KeysUnavailable);
    expect(requests).toBe(3);
  });

  it('is used on while its issuer does not answer, for a day', async () => {
    const find = createKeySet(url, clock);
    await find(header('a'));
    answer = { status: 500, body: '' };
    now += 60 * MINUTE;
    await find(header('a'));
    now += 24 * 60 * MINUTE;
    await expect(find(header('a'))).rejects.toBeInstanceOf(KeysUnavailable);
  });

  it.each([
    ['an error', { status: 500, body: '{}' }],
    ['no JSON', { status: 200, body: '<html>' }],
    ['no key set', { status: 200, body: '{"keys":"a"}' }],
    ['a redirect', { status: 302, body: '', location: '/elsewhere' }],
    ['more than a megabyte', { status: 200, body: `{"keys":[],"pad":"${'x'.repeat(1_100_000)}"}` }],
  ])('that is %s is a fault of the deployment, not of a token', async (_name, wrong) => {
    answer = wrong;
    const find = createKeySet(url, clock);
    await expect(find(header('a'))).rejects.toBeInstanceOf(KeysUnavailable);
    // Asked again at once it does not go to the network: a dead issuer is not hammered.
    await expect(find(header('a'))).rejects.toBeInstanceOf(KeysUnavailable);
    expect(requests).toBe(1);
  });

  it.each([
    ['an error', { status: 500, body: 'canary' }],
    ['no JSON', { status: 200, body: 'canary' }],
    ['cut off', { status: 200, body: '{"keys":[{"kty":"oct","k":"canary' }],
    ['no key set', { status: 200, body: '{"keys":"canary"}' }],
    ['a redirect', { status: 302, body: '', location: '/elsewhere?key=canary' }],
    ['nowhere', undefined],
    ['behind a password', undefined],
  ])('that is %s is told of without its query and its text', async (name, wrong) => {
    if (wrong) answer = wrong;
    const there = new URL(`${url}?key=canary`);
    if (name === 'nowhere') there.port = '1';
    if (name === 'behind a password') there.password = 'canary';
    const failure: unknown = await createKeySet(`${there}`, clock)(header('a')).catch((error) => error);
    expect(failure).toBeInstanceOf(KeysUnavailable);
    expect(inspect(failure, { depth: 9 })).not.toContain('canary');
  });

  it('may be a file, read again when keys are rotated in it', async () => {
    const path = join(folder, 'keys.json');
    await writeFile(path, serve('a').body);
    const find = createKeySet(`file:${path}`, clock);
    await find(header('a'));
    await writeFile(path, serve('a', 'b').body);
    now += 30_000;
    await find(header('b'));
  });
});
