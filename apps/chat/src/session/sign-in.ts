import type { AuthApi } from '../api/auth-api.js';
import type { TokenPair } from '../api/parse-entities.js';
import { type ChatSession, createChatSession } from './chat-session.js';
import type { Login, LoginPlace, LoginVault } from './login-vault.js';
import { createTabMemory } from './tab-memory.js';
import { createTokenKeeper } from './token-keeper.js';

/** What every session on this page works with. */
export interface Page {
  readonly auth: AuthApi;
  /** Origin of the HTTP API. */
  readonly base: string;
  /** What ends with this tab. */
  readonly tab: Storage;
}

/** What a person gives to sign in. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly place: LoginPlace;
}

function begin({ auth, tab, base }: Page, login: Login, first?: TokenPair): ChatSession {
  const tokens = createTokenKeeper({
    first,
    exchange: () => login.renew(auth.refresh),
    now: () => performance.now(),
  });
  const session = createChatSession({
    login,
    tokens,
    base,
    auth,
    memory: createTabMemory(tab, login.user.id),
  });
  void session.start();
  return session;
}

/** Logs in and begins a session. Rejects with an `ApiError`. */
export async function signIn(
  page: Page,
  vault: LoginVault,
  { email, password, place }: Credentials,
): Promise<ChatSession> {
  const { user, tokens } = await page.auth.login(email, password);
  return begin(page, vault.begin(user, tokens.refreshToken, place), tokens);
}

/** Goes on with the login of before a reload, or of another tab. */
export function continueLogin(page: Page, login: Login): ChatSession {
  return begin(page, login);
}
