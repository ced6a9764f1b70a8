import { ON_ITS_OWN } from './server-process.js';

/** The tokens of a login at a server in development mode. */
export interface Login {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly userId: string;
}

export type DemoUser = 'ada' | 'grace' | 'linus';

export async function logIn(http: string, user: DemoUser): Promise<Login> {
  const response = await fetch(`${http}/v1/auth/login`, {
    method: 'POST',
    headers: { ...ON_ITS_OWN, 'content-type': 'application/json' },
    body: JSON.stringify({ email: `${user}@goconnect.example`, password: 'goconnect' }),
  });
  if (!response.ok) throw new Error(`Logging in as ${user} failed with ${response.status}.`);
  const { data } = (await response.json()) as {
    data: { access_token: string; refresh_token: string; user: { id: string } };
  };
  return { accessToken: data.access_token, refreshToken: data.refresh_token, userId: data.user.id };
}

interface StoredMessage {
  readonly id: string;
  readonly body: string;
}

/** Everything that was ever said in a scope, oldest first, read page by page over HTTP. */
export async function wholeHistory(http: string, login: Login, scope: string): Promise<StoredMessage[]> {
  const pages: StoredMessage[] = [];
  for (let before: string | undefined; ; ) {
    const query = new URLSearchParams({ scope, limit: '100', ...(before !== undefined && { before }) });
    const response = await fetch(`${http}/v1/chat?${query}`, {
      headers: { ...ON_ITS_OWN, authorization: `Bearer ${login.accessToken}` },
    });
    if (!response.ok) throw new Error(`Reading the history failed with ${response.status}.`);
    const { data } = (await response.json()) as { data: StoredMessage[] };
    pages.push(...data);
    before = data.at(-1)?.id;
    if (before === undefined || data.length < 100) return pages.reverse();
  }
}
