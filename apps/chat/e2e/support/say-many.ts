import { createClient } from '@goconnect/client';
import { createAuthApi } from '../../src/api/auth-api.js';

/** Fills the lobby with numbered lines, as one of the demo users. */
export async function sayMany(url: string, user: string, lines: number): Promise<void> {
  const { tokens } = await createAuthApi(url).login(`${user}@goconnect.example`, 'goconnect');
  const client = createClient({ url: `${url.replace(/^http/, 'ws')}/v1/ws`, token: tokens.accessToken });
  try {
    await client.connect();
    const sends = Array.from({ length: lines }, (_, index) =>
      client.chat.send({ scope: 'network:lobby', body: `line ${index + 1}` }),
    );
    await Promise.all(sends);
  } finally {
    await client.close();
  }
}
