import { createClient } from '@goconnect/client';
import { logIn, wholeHistory } from '../support/demo-users.js';

/** Somebody else in the lobby, who hears everything live, and can look up what the server keeps. */
export interface Reader {
  readonly heard: readonly string[];
  /** Everything that the lobby's history holds, oldest first. */
  kept(): Promise<string[]>;
  end(): Promise<void>;
}

export async function openReader(url: string): Promise<Reader> {
  const heard: string[] = [];
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/v1/ws`,
    token: async () => (await logIn(url, 'grace')).accessToken,
  });
  client.on('chat.message', ({ body }) => void heard.push(body));
  await client.connect();
  return {
    heard,
    async kept() {
      const messages = await wholeHistory(url, await logIn(url, 'grace'), 'network:lobby');
      return messages.map(({ body }) => body);
    },
    end: () => client.close(),
  };
}
