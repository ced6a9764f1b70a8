import { isObject } from '../../../support/is-object.js';
import { parsed } from '../../../support/parsed.js';
import { ABSENCE, casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';

/** A token that says it needs no signature. */
function unsigned(token: string): string {
  const [, claims = ''] = token.split('.');
  const header = btoa(JSON.stringify({ alg: 'none', typ: 'JWT' })).replace(/=+$/, '');
  return `${header}.${claims}.`;
}

/** The same token with another user in it, and the old signature. */
function forged(token: string): string {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const read = JSON.parse(atob(claims.replace(/-/g, '+').replace(/_/g, '/'))) as Record<string, unknown>;
  const written = btoa(JSON.stringify({ ...read, is_admin: true, jti: 'forged' }));
  return [header, written.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, ''), signature].join('.');
}

/** The body of a refused upgrade (A5.2). */
export function objectIn(body: string): Readonly<Record<string, unknown>> {
  const value = parsed(body);
  must(isObject(value), 'the body of the refusal is no JSON object');
  return value;
}

/** A5: authentication. */
export const AUTH_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'takes the token from the header and from the query',
    rules: ['A5.1/carriers'],
    async run({ connect, one }) {
      for (const carry of ['header', 'query'] as const) await (await connect(one, { carry })).settle();
    },
  },
  {
    name: 'refuses an upgrade without a token, and with a bad one',
    rules: ['A5.1/missing', 'A5.1/algorithm', 'A5.1/signature', 'A5.1/4-kb'],
    async run({ dial, one }) {
      for (const token of [
        '',
        'nonsense',
        'a.b.c',
        unsigned(one.token),
        forged(one.token),
        'x'.repeat(5_000),
      ]) {
        await dial(one, { token, v1: false }).refused();
      }
    },
  },
  {
    name: 'answers a refused upgrade with 401 and a JSON body that does not repeat the token',
    rules: ['A5.2/401', 'A5.2/body', 'A5.5/answers'],
    also: ['status'],
    async run({ dial, one }) {
      const { status, body } = await dial(one, {
        token: 'my-secret-token',
        v1: false,
        carry: 'query',
      }).refused();
      mustEqual(status, 401, 'status');
      const { code, message, details } = objectIn(body);
      mustEqual(
        [code, typeof message, typeof details],
        ['ERR_UNAUTHORIZED', 'string', 'object'],
        `code, and the types of message and details${details === undefined ? ` (${ABSENCE})` : ''}`,
      );
      must(!body.includes('my-secret-token'), 'the answer repeats the token');
    },
  },
  {
    name: 'refuses pages of a foreign origin with 403, also where v1 is offered',
    rules: ['A5.2/403', 'A5.2/body'],
    also: ['status', 'origins'],
    async run({ dial, one }) {
      const headers = { origin: 'https://hostile.invalid' };
      for (const v1 of [false, true]) {
        const opening = await dial(one, { v1, headers }).opening();
        must(
          opening.kind === 'refused',
          'the server lets pages of a foreign origin in (in development mode it may: give --any-origin)',
        );
        const { status, body } = opening.refusal;
        mustEqual(status, 403, 'status');
        mustEqual(objectIn(body).code, 'ERR_FORBIDDEN', 'code');
      }
    },
  },
  {
    name: 'refuses a refresh token as an access token',
    rules: ['A5.1/refresh'],
    also: ['refresh'],
    async run({ dial, one }) {
      await dial(one, { token: one.refreshToken ?? '', v1: false }).refused();
    },
  },
  {
    name: 'on v1 completes the upgrade and says by close code that the token is no good',
    rules: ['B1.3/close-code', 'A7/4501', 'A7/reason', 'A5.5/answers'],
    needs: 'v1',
    async run({ dial, one }) {
      for (const token of ['nonsense', unsigned(one.token), forged(one.token)]) {
        const client = dial(one, { token, v1: true });
        await client.opened();
        const { code, reason } = await client.closed();
        mustEqual(code, 4501, 'close code');
        must(!reason.includes(token.slice(0, 40)), 'the close reason repeats the token');
        mustEqual(client.received.length, 0, 'messages before the close');
      }
    },
  },
  {
    name: 'closes with 4401 within 5 s after a token ran out, and takes it no more',
    rules: ['A5.4/closes', 'A7/4401', 'A7/reason', 'B1.3/close-code', 'A5.2/401'],
    also: ['short_token', 'time'],
    async run({ connect, dial, admin, one, passTime }) {
      const token = (await admin.shortToken?.(one, 3)) ?? '';
      const client = await connect(one, { token });
      await passTime(1_000);
      await client.settle();
      // A server may allow for clocks that differ by 5 s, and may take as long to look.
      await passTime(12_000);
      mustEqual((await client.closed()).code, 4401, 'close code');
      await dial(one, { token, v1: false }).refused();
      const late = dial(one, { token });
      const opening = await late.opening();
      if (opening.kind === 'open') mustEqual((await late.closed()).code, 4401, 'close code of a late comer');
    },
  },
  {
    name: 'lets a connection live as long as the token that was got over it',
    rules: ['A5.3/expiry'],
    also: ['admin', 'refresh', 'short_token', 'time'],
    async run({ connect, admin, passTime }) {
      const user = await admin.newUser();
      const token = (await admin.shortToken?.(user, 3)) ?? '';
      const client = await connect(user, { token });
      await client.ack('auth.refresh', { refresh_token: user.refreshToken ?? '' });
      await passTime(9_000);
      await client.settle();
    },
  },
  {
    name: 'rotates refresh tokens, and gives the same pair to the same op_id again',
    rules: ['A5.3/rotates', 'A5.3/innocent', 'page/refresh'],
    also: ['admin', 'refresh'],
    async run({ connect, admin }) {
      const user = await admin.newUser();
      const client = await connect(user);
      const first = await client.ack('auth.refresh', { refresh_token: user.refreshToken ?? '' }, 'refresh-1');
      mustEqual(
        [
          first.data.status,
          typeof first.data.access_token,
          typeof first.data.refresh_token,
          typeof first.data.expires_in,
        ],
        ['refreshed', 'string', 'string', 'number'],
        'the reply',
      );
      must(Number(first.data.expires_in) > 0, `expires_in is ${String(first.data.expires_in)}`);
      must(first.data.refresh_token !== user.refreshToken, 'the refresh token did not rotate');
      const again = await client.ack('auth.refresh', { refresh_token: user.refreshToken ?? '' }, 'refresh-1');
      // Compared here, so that no report ever shows them.
      for (const token of ['access_token', 'refresh_token'])
        must(again.data[token] === first.data[token], `a repeated refresh was given another ${token}`);
      await (await connect(user, { token: String(first.data.access_token) })).settle();
    },
  },
  {
    name: 'revokes the family of a refresh token that is used twice, and closes its connections',
    rules: ['A5.3/family', 'A5.3/closes', 'A7/4401'],
    also: ['admin', 'refresh'],
    async run({ connect, admin }) {
      const user = await admin.newUser();
      const client = await connect(user);
      const fresh = await client.ack('auth.refresh', { refresh_token: user.refreshToken ?? '' }, 'first');
      client.send('auth.refresh', { refresh_token: user.refreshToken ?? '' }, 'thief');
      mustEqual((await client.closed()).code, 4401, 'close code');
      const other = await connect(user, { token: user.token }).catch(() => undefined);
      const reply = await other
        ?.request('auth.refresh', { refresh_token: String(fresh.data.refresh_token) }, 'later')
        .catch(() => undefined);
      must(reply === undefined || reply.error, 'a refresh token of a revoked family still works');
    },
  },
  {
    name: "refuses somebody else's refresh token",
    rules: ['A5.3/subject'],
    also: ['admin', 'refresh'],
    async run({ connect, admin, one }) {
      const user = await admin.newUser();
      const client = await connect(one);
      await client.error('ERR_UNAUTHORIZED', 'auth.refresh', { refresh_token: user.refreshToken ?? '' });
    },
  },
]);
