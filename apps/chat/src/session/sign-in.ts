import type { AuthApi } from '../api/auth-api.js';
import type { TokenPair } from '../api/parse-entities.js';
import type { User } from '../state/entities.js';
import { type ChatSession, createChatSession } from './chat-session.js';
import { type SavedLogin, saveLogin } from './saved-login.js';
import { createTokenKeeper } from './token-keeper.js';

function begin(auth: AuthApi, base: string, user: User, start: TokenPair | SavedLogin): ChatSession {
  const tokens = createTokenKeeper({
    start,
    refresh: (refreshToken) => auth.refresh(refreshToken),
    onRefreshToken: (refreshToken) => saveLogin({ user, refreshToken }),
    now: () => performance.now(),
  });
  const session = createChatSession({ user, tokens, base });
  void session.start();
  return session;
}

/** Logs in and begins a session. Rejects with an `ApiError`. */
export async function signIn(
  auth: AuthApi,
  base: string,
  email: string,
  password: string,
): Promise<ChatSession> {
  const { user, tokens } = await auth.login(email, password);
  return begin(auth, base, user, tokens);
}

/** Goes on with the login of before a reload. */
export function continueLogin(auth: AuthApi, base: string, login: SavedLogin): ChatSession {
  return begin(auth, base, login.user, login);
}
