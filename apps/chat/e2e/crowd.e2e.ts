import { createClient } from '@goconnect/client';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createAuthApi } from '../src/api/auth-api.js';
import { browserOptions, openStage, type Stage } from './support/stage.js';

/** As many as the server takes of one user (WS_MAX_CONNECTIONS_PER_USER). */
const PLACES = 5;

describe.skipIf(!browserOptions)('who has GoConnect open in too many places', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.close());

  it('is told so, and comes in as soon as another one closes', async () => {
    const { url } = stage.server;
    const { tokens } = await createAuthApi(url).login('linus@goconnect.example', 'goconnect');
    const others = Array.from({ length: PLACES }, () =>
      createClient({ url: `${url.replace(/^http/, 'ws')}/v1/ws`, token: tokens.accessToken }),
    );
    try {
      await Promise.all(others.map((other) => other.connect()));
      const visitor = await stage.visitor();
      await visitor.signIn('linus@goconnect.example', 'goconnect');
      await visitor.page.getByRole('region', { name: 'Connection' }).getByText('too many places').waitFor();
      await others[0]?.close();
      await visitor.chip('Connected').waitFor({ timeout: 60_000 });
    } finally {
      await Promise.all(others.map((other) => other.close()));
    }
  });
});
