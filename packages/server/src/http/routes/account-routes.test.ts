import { expect, test } from 'vitest';
import { OperationError } from '../../domain/operation-error.js';
import type { Operations } from '../../operations/operations.js';
import { createLoginThrottle } from '../login-throttle.js';
import { accountRoutes } from './account-routes.js';

test.each([
  ['turned away because we are busy', new OperationError('ERR_RATE_LIMIT', 'Too many log-ins at once'), 200],
  ['met a store that is down', new Error('SQLITE_FULL'), 200],
  ['guessed wrong', new OperationError('ERR_UNAUTHORIZED', 'E-mail or password is wrong.'), 20],
])('of 200 log-ins that %s so many reach the passwords', async (_, failure, reached) => {
  let asked = 0;
  const sessions = {
    login: async () => {
      asked++;
      throw failure;
    },
  };
  const operations = { sessions } as unknown as Operations;
  const route = accountRoutes(createLoginThrottle({ monotonic: () => 0 }), () => 0).find(
    ({ name }) => name === 'login',
  );
  const raw = { params: {}, query: {}, body: { email: 'ada@x.example', password: 'goconnect' } };
  for (let attempt = 0; attempt < 200; attempt++) {
    await expect(
      route?.access === 'open' &&
        route.run(raw, { identity: undefined, operations, address: '10.0.0.1', limited: false }),
    ).rejects.toThrow();
  }
  expect(asked).toBe(reached);
});
