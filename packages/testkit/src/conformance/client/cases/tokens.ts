import { casesFor, must, mustEqual } from '../../case.js';
import type { ClientEnv } from '../client-scene.js';

/** A5.3, A5.4, B2: the life of a token. */
export const TOKEN_CASES = casesFor<ClientEnv>('client', [
  {
    name: 'asks for one fresh token after 4401 and comes back with it',
    rules: ['A7/4401-token'],
    also: ['token'],
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      const asked = set.tokenAsks.length;
      set.server.expireTokens();
      await set.until(
        'the client comes back',
        () => set.server.connections.some(({ number }) => number > 1) && set.client.status === 'connected',
      );
      mustEqual(set.tokenAsks.length - asked, 1, 'tokens asked for');
    },
  },
  {
    name: 'gives up after 4401 when it gets no good token, and says that it failed',
    rules: ['A7/4401-failed'],
    also: ['token'],
    async run({ scene, span }) {
      const set = await scene();
      await set.connected();
      const asked = set.tokenAsks.length;
      set.spoilTokens();
      set.server.expireTokens();
      await set.until('it says that it failed', () => set.client.status === 'failed', span(120_000, 30_000));
      must(set.tokenAsks.length - asked <= 3, `it asked for ${set.tokenAsks.length - asked} tokens`);
      const dialled = set.dials.length;
      await set.pass(span(300_000, 2_000));
      mustEqual(set.dials.length, dialled, 'dials after it failed');
    },
  },
  {
    name: 'renews its token over the socket before it runs out',
    rules: ['A5.3/renews'],
    needs: 'v1',
    also: ['renewal'],
    async run({ scene, span }) {
      const life = span(600_000, 12_000);
      const set = await scene({ tokenLife: life / 1_000 });
      await set.connected();
      // Not from the moment in which this side saw the connection: in real time that is late.
      const start = set.tokenAsks[0] ?? set.now();
      await set.until('it refreshes', () => set.server.receivedOf('auth.refresh').length > 0, life);
      const tookMs = set.now() - start;
      // A welcome tells whole seconds: of a short life it may tell a good part less.
      must(
        tookMs >= 0.65 * (life - 1_000) && tookMs <= 0.92 * life,
        `it refreshed after ${Math.round((tookMs / life) * 100)} % of the token's life`,
      );
      await set.pass(span(400_000, 4_000));
      mustEqual(
        set.server.connections.map(({ number }) => number),
        [1],
        'connections',
      );
    },
  },
  {
    name: 'measures the life of a token from its receipt, however wrong its own clock is',
    rules: ['B2/clock'],
    needs: 'v1',
    also: ['own clock', 'renewal'],
    async run({ scene, each }) {
      await each([-86_400_000, 86_400_000], async (wrong) => {
        const set = await scene({ tokenLife: 600 });
        set.stepClock(wrong);
        await set.connected();
        await set.pass(300_000);
        mustEqual(
          [set.server.receivedOf('auth.refresh').length, set.server.connections.length],
          [0, 1],
          'refreshes and connections at half its life',
        );
      });
    },
  },
]);
