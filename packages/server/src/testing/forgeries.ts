import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';

/** Somebody with a login. */
const WHO = { user_id: 'u-1', tenant_id: 't-1', sid: 'f-1' };

/** Claims of a good token; `now` in seconds since the epoch. */
export const goodClaims = (now: number, who = WHO) => ({
  ...who,
  type: 'access',
  is_admin: false,
  is_moderator: true,
  jti: 'j',
  iat: now,
  exp: now + 900,
});

export const base64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export interface Signing {
  readonly secret: string;
  readonly hash?: string;
}

/** A token signed with a secret, whatever its header and payload are. */
export function hmac(header: unknown, payload: unknown, { secret, hash = 'sha256' }: Signing): string {
  const signed = `${base64(header)}.${base64(payload)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

/** A token with one of its three parts exchanged. */
const swap = (token: string, part: number, text: string) =>
  token
    .split('.')
    .map((old, index) => (index === part ? text : old))
    .join('.');

export type Forgery = readonly [what: string, token: string, fault: string];

/** Tokens that a server which knows `secret` and only HS256 must refuse (A5.1), and as what. */
export function forgeries(secret: string, now: number, who = WHO): readonly Forgery[] {
  const claims = goodClaims(now, who);
  const hs256 = (payload: unknown, header: object = {}) =>
    hmac({ alg: 'HS256', typ: 'JWT', ...header }, payload, { secret });
  const without = (...names: (keyof typeof claims)[]) =>
    Object.fromEntries(
      Object.entries(claims).filter(([name]) => !names.includes(name as keyof typeof claims)),
    );
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsaPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const good = hs256(claims);
  const rs256 = (header: object) => {
    const signed = `${base64({ alg: 'RS256', ...header })}.${base64(claims)}`;
    return `${signed}.${createSign('sha256').update(signed).sign(rsa.privateKey, 'base64url')}`;
  };

  return [
    ['nothing', '', 'missing'],
    ['no token', 'hello', 'malformed'],
    ['alg none without a signature', `${base64({ alg: 'none' })}.${base64(claims)}.`, 'malformed'],
    ['only dots', '..', 'malformed'],
    ['JSON instead of a token', JSON.stringify(claims), 'malformed'],
    ['a kid that is a path', rs256({ kid: '../../../../dev/null' }), 'invalid'],
    ['a kid that is a query', rs256({ kid: "x' UNION SELECT 'secret" }), 'invalid'],
    [
      'an encrypted token',
      `${base64({ alg: 'dir', enc: 'A256GCM' })}.${base64('x')}.${base64('x')}.${base64('x')}.x`,
      'malformed',
    ],
    ['two parts', good.split('.').slice(0, 2).join('.'), 'malformed'],
    ['four parts', `${good}.x`, 'malformed'],
    ['an empty signature', swap(good, 2, ''), 'malformed'],
    ['an empty payload', swap(good, 1, ''), 'malformed'],
    ['spaces around', ` ${good}`, 'malformed'],
    ['a line break', good.replace('.', '.\n'), 'malformed'],
    ['base64 that is not base64url', good.replace(/\./, '+/.'), 'malformed'],
    ['Bearer in front', `Bearer ${good}`, 'malformed'],
    ['over 4 KB', hs256({ ...claims, pad: 'x'.repeat(4_096) }), 'malformed'],
    ['over 4 MB', 'a'.repeat(4_194_304), 'malformed'],
    ['a header that is no JSON', swap(good, 0, base64('{')), 'invalid'],
    ['a header that is a list', swap(good, 0, base64([])), 'invalid'],
    ['a payload that is no JSON', hmac({ alg: 'HS256' }, 'not json', { secret }), 'malformed'],
    ['a payload that is a list', hmac({ alg: 'HS256' }, [claims], { secret }), 'malformed'],
    ['a payload that is null', hmac({ alg: 'HS256' }, 'null', { secret }), 'malformed'],
    ['alg none with a signature', hmac({ alg: 'none' }, claims, { secret }), 'invalid'],
    ['alg None', hmac({ alg: 'None' }, claims, { secret }), 'invalid'],
    ['alg hs256', hmac({ alg: 'hs256' }, claims, { secret }), 'invalid'],
    ['no alg', hmac({ typ: 'JWT' }, claims, { secret }), 'invalid'],
    ['alg as a list', hmac({ alg: ['HS256'] }, claims, { secret }), 'invalid'],
    ['HS384 with the right secret', hmac({ alg: 'HS384' }, claims, { secret, hash: 'sha384' }), 'invalid'],
    ['HS512 with the right secret', hmac({ alg: 'HS512' }, claims, { secret, hash: 'sha512' }), 'invalid'],
    ['HS256 with another secret', hmac({ alg: 'HS256' }, claims, { secret: `${secret}x` }), 'invalid'],
    ['HS256 with an empty secret', hmac({ alg: 'HS256' }, claims, { secret: '' }), 'invalid'],
    ['HS256 with a public key as secret', hmac({ alg: 'HS256' }, claims, { secret: rsaPem }), 'invalid'],
    ['RS256 where only HS256 is configured', rs256({ kid: 'k' }), 'invalid'],
    [
      'RS256 with its own key in the header',
      rs256({ jwk: rsa.publicKey.export({ format: 'jwk' }) }),
      'invalid',
    ],
    [
      'RS256 with a key address in the header',
      rs256({ jku: 'http://127.0.0.1:1/keys', kid: 'k' }),
      'invalid',
    ],
    ['a critical extension', hs256(claims, { crit: ['x'], x: 1 }), 'invalid'],
    ['an unencoded payload', hs256(claims, { crit: ['b64'], b64: false }), 'malformed or invalid'],
    ['a changed payload', swap(good, 1, base64({ ...claims, is_admin: true })), 'invalid'],
    ['a changed header', swap(good, 0, base64({ alg: 'HS256', typ: 'jwt' })), 'invalid'],
    ['a shortened signature', good.slice(0, -4), 'invalid'],
    ['a signature of zeros', swap(good, 2, 'A'.repeat(43)), 'invalid'],
    ['no exp', hs256(without('exp')), 'malformed or invalid'],
    ['exp as text', hs256({ ...claims, exp: String(now + 900) }), 'malformed or invalid'],
    ['exp null', hs256({ ...claims, exp: null }), 'malformed or invalid'],
    [
      'exp that no calendar has',
      hs256(JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e300')),
      'invalid',
    ],
    ['exp beyond a number', hs256(JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e999')), 'invalid'],
    ['exp passed by more than the skew', hs256({ ...claims, exp: now - 6 }), 'expired'],
    ['exp zero', hs256({ ...claims, exp: 0 }), 'expired'],
    [
      'expired, and signed by somebody else',
      hmac({ alg: 'HS256' }, { ...claims, exp: 0 }, { secret: 'x' }),
      'invalid',
    ],
    ['nbf ahead', hs256({ ...claims, nbf: now + 60 }), 'invalid'],
    ['iat ahead', hs256({ ...claims, iat: now + 60 }), 'invalid'],
    ['iat as text', hs256({ ...claims, iat: 'now' }), 'malformed or invalid'],
    ['a refresh token', hs256({ ...claims, type: 'refresh' }), 'invalid'],
    ['no type', hs256(without('type')), 'invalid'],
    ['type as a list', hs256({ ...claims, type: ['access'] }), 'invalid'],
    ['no user', hs256(without('user_id')), 'invalid'],
    ['an empty user', hs256({ ...claims, user_id: '' }), 'invalid'],
    ['a user that is a number', hs256({ ...claims, user_id: 7 }), 'invalid'],
    ['a user of 129 characters', hs256({ ...claims, user_id: 'u'.repeat(129) }), 'invalid'],
    ['a user with a NUL', hs256({ ...claims, user_id: 'u\0' }), 'invalid'],
    [
      'a user that is half a character',
      hs256(JSON.stringify(claims).replace(`"${who.user_id}"`, '"\\ud800"')),
      'invalid',
    ],
    ['no tenant', hs256(without('tenant_id')), 'invalid'],
    ['a tenant that is no room id', hs256({ ...claims, tenant_id: '../t' }), 'invalid'],
    ['a tenant with a final line break', hs256({ ...claims, tenant_id: 't-1\n' }), 'invalid'],
    ['is_admin as text', hs256({ ...claims, is_admin: 'true' }), 'invalid'],
    ['is_moderator as a number', hs256({ ...claims, is_moderator: 1 }), 'invalid'],
    ['a login that is an object', hs256({ ...claims, sid: {} }), 'invalid'],
    ['a type given twice', hs256(JSON.stringify(claims).replace('{', '{"type":"refresh",')), 'invalid'],
    ['an exp given twice', hs256(JSON.stringify(claims).replace('{', '{"exp":0,')), 'invalid'],
    [
      'a user given twice, once in disguise',
      hs256(JSON.stringify(claims).replace('{', '{"\\u0075ser_id":"u-0",')),
      'invalid',
    ],
    ['an alg given twice', hmac('{"alg":"none","alg":"HS256"}', claims, { secret }), 'invalid'],
    [
      'claims behind __proto__',
      hs256(JSON.stringify({ exp: now + 900 }).replace('{', `{"__proto__":${JSON.stringify(claims)},`)),
      'invalid',
    ],
  ];
}
