import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeysUnavailable } from '../ports/tokens.js';
import { base64, forgeries, goodClaims, hmac } from '../testing/forgeries.js';
import { type AccessTokenOptions, createAccessTokens } from './access-tokens.js';

const SECRET = 'canary-secret-0123456789-0123456789-abcdef';
const NOW_MS = 1_800_000_000_000;
const NOW = NOW_MS / 1_000;

const clock = { now: () => NOW_MS, monotonic: () => 0 };
const options: AccessTokenOptions = { secret: SECRET, ttlMs: 900_000, clock };
const claims = goodClaims(NOW);

const hs256 = (payload: unknown, header: object = {}) =>
  hmac({ alg: 'HS256', typ: 'JWT', ...header }, payload, { secret: SECRET });
const without = (...names: (keyof typeof claims)[]) =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name as keyof typeof claims)));

describe('access tokens', () => {
  const tokens = createAccessTokens(options);

  it('carry who a user is, which login it was and how long it lasts (A5.1)', async () => {
    const { token, expiresIn } = await tokens.issue(
      { id: 'u-1', tenantId: 't-1', isAdmin: true, isModerator: false },
      'f-1',
    );
    expect(expiresIn).toBe(900);
    expect(await tokens.verify(token)).toEqual({
      ok: true,
      identity: {
        userId: 'u-1',
        tenantId: 't-1',
        familyId: 'f-1',
        expiresInMs: 900_000,
      },
    });
    const written = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(written).toMatchObject({
      type: 'access',
      user_id: 'u-1',
      sub: 'u-1',
      tenant_id: 't-1',
      sid: 'f-1',
      iat: NOW,
      exp: NOW + 900,
    });
    expect(written.jti).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['sub in place of user_id', { ...without('user_id'), sub: 'u-1' }],
    ['both, where user_id counts', { ...claims, sub: 'auth0|7' }],
    ['no roles, login, jti or iat', without('is_admin', 'is_moderator', 'sid', 'jti', 'iat')],
    ['claims nobody knows', { ...claims, plan: 'gold', nested: { a: [1] } }],
    ['an issuer and audience that nobody asked for', { ...claims, iss: 'x', aud: 'y' }],
    ['exp passed within the skew', { ...claims, exp: NOW - 4 }],
    ['iat ahead within the skew', { ...claims, iat: NOW + 4 }],
    ['nbf ahead within the skew', { ...claims, nbf: NOW + 4 }],
  ])('are accepted with %s', async (_name, payload) => {
    expect(await tokens.verify(hs256(payload))).toMatchObject({
      ok: true,
      identity: { userId: 'u-1', tenantId: 't-1' },
    });
  });

  const forged = forgeries(SECRET, NOW);

  it('has a table of at least 60 forgeries, no two the same', () => {
    expect(forged.length).toBeGreaterThanOrEqual(60);
    expect(new Set(forged.map(([, token]) => token)).size).toBe(forged.length);
  });

  it.each(forged)('are refused when forged: %s (A5.1)', async (_name, token, fault) => {
    const result = await tokens.verify(token);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(fault).toContain(result.fault);
  });

  it.each([
    ['another issuer', { issuer: 'https://id.example' }, { iss: 'https://id.example.evil' }],
    ['no issuer', { issuer: 'https://id.example' }, {}],
    ['another audience', { audience: 'chat' }, { aud: 'mail' }],
    ['no audience', { audience: 'chat' }, {}],
  ])('are refused with %s where one is configured', async (_name, configured, extra) => {
    const strict = createAccessTokens({ ...options, ...configured });
    expect(await strict.verify(hs256({ ...claims, ...extra }))).toMatchObject({ ok: false });
    const { token } = await strict.issue({ id: 'u', tenantId: 't', isAdmin: false, isModerator: false }, 'f');
    expect(await strict.verify(token)).toMatchObject({ ok: true });
  });

  it('are not made without a secret, and HS256 ones are not believed', async () => {
    const foreign = createAccessTokens({ ttlMs: 1_000, clock, jwksUrl: 'file:/nowhere.json' });
    await expect(
      foreign.issue({ id: 'u', tenantId: 't', isAdmin: false, isModerator: false }, 'f'),
    ).rejects.toMatchObject({ code: 'ERR_FORBIDDEN' });
    await expect(foreign.verify(hs256(claims, { kid: 'k' }))).resolves.toMatchObject({
      ok: false,
      fault: 'invalid',
    });
  });

  it.each([
    ['long', 900, 900],
    ['for as long as clocks may differ', 5, 5],
    ['shorter, which need not be so by the clock of their issuer', 1, 5],
    ['no more, by less than the skew', -2, 3],
    ['no more, by the skew', -4, 1],
  ])('that live %s are good until then, and for 5 s after their end at most', async (_, lifeS, goodForS) => {
    const result = await tokens.verify(hs256({ ...claims, exp: NOW + lifeS }));
    expect(result.ok && result.identity.expiresInMs).toBe(goodForS * 1_000);
  });

  it('do not stop the server, whatever they are made of', async () => {
    const bytes = Buffer.alloc(96);
    for (let seed = 1; seed <= 2_000; seed++) {
      for (let index = 0; index < bytes.length; index++)
        bytes[index] = (seed * 31 + index * 17 + (seed >> 3) * index) & 255;
      const part = (from: number, to: number) => bytes.subarray(from, to).toString('base64url');
      const result = await tokens.verify(
        `${seed % 2 ? base64({ alg: 'HS256' }) : part(0, 30)}.${part(30, 60)}.${part(60, 96)}`,
      );
      expect(result.ok).toBe(false);
    }
  });
});

describe('tokens of another issuer', () => {
  const pairs = {
    EdDSA: generateKeyPairSync('ed25519'),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  };
  type Algorithm = keyof typeof pairs;
  const stranger = generateKeyPairSync('ed25519');
  let tokens: ReturnType<typeof createAccessTokens>;
  let folder: string;

  const signWith = (
    header: { alg: string; kid?: unknown },
    key: (typeof pairs)[Algorithm]['privateKey'],
    payload: unknown = claims,
  ) => {
    const signed = `${base64(header)}.${base64(payload)}`;
    const hash = header.alg === 'EdDSA' || header.alg === 'Ed25519' ? null : 'sha256';
    return `${signed}.${signBytes(hash, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goconnect-keys-'));
    const keys = Object.entries(pairs).map(([alg, pair]) => ({
      ...pair.publicKey.export({ format: 'jwk' }),
      kid: `key-${alg}`,
      alg,
      use: 'sig',
    }));
    const oct = { kty: 'oct', k: Buffer.from(SECRET).toString('base64url'), kid: 'oct' };
    await writeFile(`${folder}/keys.json`, JSON.stringify({ keys: [...keys, oct] }));
    tokens = createAccessTokens({ ttlMs: 1_000, clock, jwksUrl: `file:${folder}/keys.json` });
  });

  afterAll(() => rm(folder, { recursive: true }));

  it.each(['EdDSA', 'ES256', 'RS256'] as const)(
    'are accepted with %s and the key id of the set',
    async (alg) => {
      expect(await tokens.verify(signWith({ alg, kid: `key-${alg}` }, pairs[alg].privateKey))).toMatchObject({
        ok: true,
        identity: { userId: 'u-1' },
      });
    },
  );

  it.each([
    ['no key id', () => signWith({ alg: 'EdDSA' }, pairs.EdDSA.privateKey)],
    ['an empty key id', () => signWith({ alg: 'EdDSA', kid: '' }, pairs.EdDSA.privateKey)],
    ['a key id that is an object', () => signWith({ alg: 'EdDSA', kid: {} }, pairs.EdDSA.privateKey)],
    ["another algorithm's key", () => signWith({ alg: 'RS256', kid: 'key-ES256' }, pairs.RS256.privateKey)],
    ["somebody else's signature", () => signWith({ alg: 'EdDSA', kid: 'key-EdDSA' }, stranger.privateKey)],
    [
      'an algorithm that is not pinned (RS384)',
      () => signWith({ alg: 'RS384', kid: 'key-RS256' }, pairs.RS256.privateKey),
    ],
    [
      'HS256 by a symmetric key of the set',
      () => hmac({ alg: 'HS256', kid: 'oct' }, claims, { secret: SECRET }),
    ],
    [
      'HS256 by a public key of the set',
      () =>
        hmac({ alg: 'HS256', kid: 'key-RS256' }, claims, {
          secret: pairs.RS256.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        }),
    ],
    ['no exp', () => signWith({ alg: 'EdDSA', kid: 'key-EdDSA' }, pairs.EdDSA.privateKey, without('exp'))],
  ])('are refused with %s (A5.1)', async (_name, forge) => {
    expect(await tokens.verify(forge())).toMatchObject({ ok: false });
  });

  it('name no login of this server, whatever session they name', async () => {
    const result = await tokens.verify(signWith({ alg: 'EdDSA', kid: 'key-EdDSA' }, pairs.EdDSA.privateKey));
    expect(result.ok && result.identity).not.toHaveProperty('familyId');
  });

  it('with an unknown key id are refused once the keys were looked up for them, and unjudged until then', async () => {
    const fresh = createAccessTokens({ ttlMs: 1_000, clock, jwksUrl: `file:${folder}/keys.json` });
    const unknown = signWith({ alg: 'EdDSA', kid: 'other' }, pairs.EdDSA.privateKey);
    expect(await fresh.verify(unknown)).toEqual({ ok: false, fault: 'invalid' });
    await expect(fresh.verify(unknown)).rejects.toBeInstanceOf(KeysUnavailable);
  });

  it('and of this server are accepted side by side, each with its own kind of key', async () => {
    const both = createAccessTokens({ secret: SECRET, ttlMs: 1_000, clock, jwksUrl: 'file:/nowhere.json' });
    expect(await both.verify(hs256(claims))).toMatchObject({ ok: true });
  });
});
