import type { AuthApi } from '../api/auth-api.js';
import type { TokenPair } from '../api/parse-entities.js';
import { type ChatSession, createChatSession } from './chat-session.js';
import type { Login, LoginPlace, LoginVault } from './login-vault.js';
import { createTokenKeeper } from './token-keeper.js';

/** What a person gives to sign in. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly place: LoginPlace;
}

function begin(auth: AuthApi, base: string, login: Login, first?: TokenPair): ChatSession {
  const tokens = createTokenKeeper({
    first,
    exchange: () => login.renew(auth.refresh),
    now: () => performance.now(),
  });
  const session = createChatSession({ login, tokens, base, auth });
  void session.start();
  return session;
}

/** Logs in and begins a session. Rejects with an `ApiError`. */
export async function signIn(
  auth: AuthApi,
  vault: LoginVault,
  base: string,
  { email, password, place }: Credentials,
): Promise<ChatSession> {
  const { user, tokens } = await auth.login(email, password);
  return begin(auth, base, vault.begin(user, tokens.refreshToken, place), tokens);
}

/** Goes on with the login of before a reload, or of another tab. */
export function continueLogin(auth: AuthApi, base: string, login: Login): ChatSession {
  return begin(auth, base, login);
}
