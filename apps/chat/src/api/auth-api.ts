import type { User } from '../state/entities.js';
import { http } from './http.js';
import { fields } from './parse.js';
import { parseTokens, parseUser, type TokenPair } from './parse-entities.js';

/** The calls that need no access token. */
export function createAuthApi(base: string) {
  const post = async (path: string, body: unknown, key?: string) => {
    const answer = fields(await http(`${base}/v1/auth/${path}`, { method: 'POST', body, key }));
    return answer.data;
  };
  return {
    async login(
      email: string,
      password: string,
    ): Promise<{ readonly user: User; readonly tokens: TokenPair }> {
      const data = await post('login', { email, password });
      return { user: parseUser(fields(data).user), tokens: parseTokens(data) };
    },
    async register(email: string, password: string, name: string): Promise<void> {
      await post('register', { email, password, ...(name === '' ? {} : { name }) });
    },
    /** With the same key the same pair comes again, for ten seconds (A5.3). */
    async refresh(refreshToken: string, key: string): Promise<TokenPair> {
      return parseTokens(await post('refresh', { refresh_token: refreshToken }, key));
    },
  };
}

export type AuthApi = ReturnType<typeof createAuthApi>;
