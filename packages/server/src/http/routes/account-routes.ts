import { OperationError } from '../../domain/operation-error.js';
import type { LoginThrottle } from '../login-throttle.js';
import { tokenPairJson, userJson } from '../representations.js';
import { bearerRoute, openRoute, type Route } from '../route.js';
import { credentials, login, refreshToken, registration, tokenPair, user } from '../schemas/accounts.js';
import { outcome } from '../schemas/members.js';

/** Registering, logging in and out. */
export function accountRoutes(
  throttle: LoginThrottle,
  admitRegistration: (address: string) => number,
): readonly Route[] {
  return [
    openRoute({
      method: 'post',
      path: '/v1/auth/register',
      name: 'register',
      summary: 'Make an account.',
      body: registration,
      replies: { 201: user },
      handle: async ({ body: { email, password, name } }, { operations, address, limited }) => {
        const waitMs = limited ? admitRegistration(address) : 0;
        if (waitMs > 0) {
          throw new OperationError('ERR_RATE_LIMIT', 'Too many registrations from here; wait a little.', {
            retry_after_ms: waitMs,
          });
        }
        const registered = await operations.sessions.register({
          email,
          password,
          ...(name !== undefined && { name }),
        });
        return { status: 201, data: userJson(registered) };
      },
    }),
    openRoute({
      method: 'post',
      path: '/v1/auth/login',
      name: 'login',
      summary: 'Exchange e-mail and password for a pair of tokens.',
      body: credentials,
      replies: { 200: login },
      handle: async ({ body: { email, password } }, { operations, address }) => {
        const attempt = throttle.begin(email, address);
        if (attempt.kind === 'refused') {
          throw new OperationError('ERR_RATE_LIMIT', 'Too many failed log-ins; wait a little.', {
            retry_after_ms: attempt.retryAfterMs,
          });
        }
        const pair = await operations.sessions.login(email, password).catch((error: unknown) => {
          if (!isWrongGuess(error)) attempt.takeBack();
          throw error;
        });
        attempt.takeBack();
        return { status: 200, data: { ...tokenPairJson(pair), user: userJson(pair.user) } };
      },
    }),
    openRoute({
      method: 'post',
      path: '/v1/auth/refresh',
      name: 'refresh',
      summary: 'Exchange a refresh token for a new pair; the old one is spent (A5.3).',
      body: refreshToken,
      replies: { 200: tokenPair },
      repeat: 'by_token',
      handle: async ({ body }, { operations, key }) => {
        const pair = await operations.sessions.refresh(
          body.refresh_token,
          key === undefined ? {} : { opId: key },
        );
        return { status: 200, data: tokenPairJson(pair) };
      },
    }),
    bearerRoute({
      method: 'post',
      path: '/v1/auth/logout',
      name: 'logout',
      summary: 'Revoke a login with all its tokens and close its connections.',
      body: refreshToken,
      replies: { 200: outcome('logged_out') },
      handle: async ({ body }, { operations, identity }) => {
        await operations.sessions.logout(identity, body.refresh_token);
        return { status: 200, data: { status: 'logged_out' } };
      },
    }),
  ];
}

/** Who was turned away because we are busy, or the store is down, has guessed nothing. */
function isWrongGuess(error: unknown): boolean {
  return error instanceof OperationError && error.code === 'ERR_UNAUTHORIZED';
}
