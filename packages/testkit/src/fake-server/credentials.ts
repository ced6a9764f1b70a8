import { checkFields, finite, optional } from '../support/rules.js';
import type { Engine } from './engine.js';
import type { FakeClientOptions, FakeServer, TokenPair } from './fake-server.js';

type Credentials = Pick<FakeServer, 'token' | 'tokens' | 'clientOptions'>;

const OPTIONS = { expiresIn: optional(finite) };

/** @param address what every client needs besides its token */
export function credentials(engine: Engine, address: () => Omit<FakeClientOptions, 'token'>): Credentials {
  const pair = (userId: string, options: { readonly expiresIn?: number } = {}): TokenPair => {
    const { expiresIn = engine.settings.tokenTtl } = checkFields(options, OPTIONS, 'options');
    const issued = engine.tokens.issue(engine.world.user(userId), expiresIn);
    return { accessToken: issued.access_token, refreshToken: issued.refresh_token };
  };
  return {
    token: (userId, options) => pair(userId, options).accessToken,
    tokens: pair,
    clientOptions(userId) {
      // A user that nobody knows is a mistake of the test, to be told now and not when the client dials.
      engine.world.user(userId);
      return { ...address(), token: () => pair(userId) };
    },
  };
}
