import { casesFor, must, mustEqual } from '../../case.js';
import type { ClientEnv, ClientScene } from '../client-env.js';

const COME_BACK = [1001, 1011, 1012, 1013, 1014, 4000, 4400, 4408, 4409, 4412, 4429, 4499];
const STAY_AWAY = [1000, 1002, 1003, 1007, 1008, 1009, 4500, 4501, 4503, 4999];

const back = (set: ClientScene) =>
  set.until(
    'the client comes back',
    () => set.server.connections.length === 1 && set.client.status === 'connected',
  );

/** Waits between the attempts of a client that nobody lets in. */
async function delays(scene: ClientEnv['scene'], seed: string, attempts: number): Promise<readonly number[]> {
  const set = scene({ seed });
  await set.connected();
  set.network.fault({ kind: 'deny_upgrade', status: 503 });
  const from = set.dials.length;
  set.server.breakConnections();
  await set.until('enough attempts', () => set.dials.length >= from + attempts, 3_600_000);
  return set.dials.slice(from).map((at, index, all) => at - (all[index - 1] ?? set.dials[from - 1] ?? 0));
}

/** A7, A5: coming back, and staying away. */
export const RETURNING_CASES = casesFor<ClientEnv>('client', [
  {
    name: 'comes back after every close code of that range, and after a broken connection',
    rules: ['A7'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      for (const code of COME_BACK) {
        set.server.closeConnections(code);
        await back(set);
      }
      set.server.breakConnections();
      await back(set);
    },
  },
  {
    name: 'stays away after every other close code, and says that it failed',
    rules: ['A7'],
    async run({ scene }) {
      for (const code of STAY_AWAY) {
        const set = scene();
        await set.connected();
        set.server.closeConnections(code);
        const dialled = set.dials.length;
        await set.clock.advance(300_000);
        mustEqual(
          [set.server.connections.length, set.dials.length],
          [0, dialled],
          `connections and dials after ${code}`,
        );
        mustEqual(set.client.status, 'failed', `status after ${code}`);
      }
    },
  },
  {
    name: 'asks for one fresh token after 4401 and comes back with it',
    rules: ['A7', 'A5.4'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      const asked = set.tokenAsks.length;
      set.server.expireTokens();
      await back(set);
      mustEqual(set.tokenAsks.length - asked, 1, 'tokens asked for');
    },
  },
  {
    name: 'comes back with jittered delays that differ from client to client, and never without a pause',
    rules: ['A7'],
    async run({ scene }) {
      const [one, two] = [await delays(scene, 'one', 12), await delays(scene, 'two', 12)];
      must(JSON.stringify(one) !== JSON.stringify(two), 'two clients wait exactly alike');
      for (const wait of [...one.slice(1), ...two.slice(1)]) {
        must(wait > 0, 'an attempt follows another at once');
        must(wait <= 60_000, `a client waits ${wait} ms`);
      }
      // At the cap the delays still spread: jitter comes after it.
      const late = [...one.slice(-6), ...two.slice(-6)].map((wait) => Math.round(wait));
      must(new Set(late).size > 6, `late delays do not spread: ${late.join(', ')}`);
    },
  },
  {
    name: 'backs off: later waits are longer than the first',
    rules: ['A7'],
    async run({ scene }) {
      const seeds = ['a', 'b', 'c', 'd', 'e', 'f'];
      let [early, late] = [0, 0];
      for (const seed of seeds) {
        const waits = await delays(scene, seed, 10);
        early += (waits[1] ?? 0) + (waits[2] ?? 0);
        late += (waits[8] ?? 0) + (waits[9] ?? 0);
      }
      must(
        late > 3 * early,
        `the delays do not grow: ${Math.round(early)} ms first, ${Math.round(late)} ms later`,
      );
    },
  },
  {
    name: 'works with a failed handshake that fires error and never close',
    rules: ['A7'],
    async run({ scene }) {
      const set = scene({ variant: 'undici' });
      await set.connected();
      const denied = set.network.fault({ kind: 'deny_upgrade', status: 503 });
      set.server.breakConnections();
      const dialled = set.dials.length;
      await set.until('three more attempts', () => set.dials.length >= dialled + 3, 300_000);
      denied.end();
      await back(set);
    },
  },
  {
    name: 'gives up a handshake that never ends, and tries again',
    rules: ['A7'],
    async run({ scene }) {
      const set = scene();
      const hole = set.network.fault({ kind: 'black_hole' });
      void set.client.connect().catch(() => {});
      await set.until('a second attempt', () => set.dials.length >= 2, 120_000);
      hole.end();
      await back(set);
    },
  },
  {
    name: 'notices a dead connection within 35 s while idle, and within 5 s after a wake-up',
    rules: ['promise 6'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      await set.clock.advance(60_000);
      const hole = set.network.fault({ kind: 'black_hole' });
      await set.until('the client notices', () => set.client.status !== 'connected', 35_100);
      hole.end();
      await back(set);
      await set.clock.advance(1_000);
      set.network.fault({ kind: 'black_hole' });
      set.lifecycle.emit('wake');
      await set.until('the client notices after a wake-up', () => set.client.status !== 'connected', 5_000);
    },
  },
  {
    name: 'notices within 90 s that it hears but is not heard, however much it hears',
    rules: ['promise 6'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      const half = set.network.fault({ fault: { kind: 'half_open' }, direction: 'up' });
      for (let second = 0; second < 90 && set.client.status === 'connected'; second++) {
        set.server.say('host', 'grace', `second ${second}`);
        await set.clock.advance(1_000);
      }
      must(set.client.status !== 'connected', 'it takes what it hears for a sign that it is heard');
      half.end();
      await back(set);
    },
  },
  {
    name: 'speaks the base contract to a server that does not know v1',
    rules: ['B1.1'],
    async run({ scene }) {
      for (const variant of ['browser', 'ws', 'undici'] as const) {
        const set = scene({ base: true, variant });
        await set.connected();
        mustEqual(
          (await set.clock.runUntil(set.client.send('host', 'base'))).kind,
          'done',
          `a send with ${variant}`,
        );
      }
    },
  },
  {
    name: 'opens its next connection at the time it is told, and only then lets the old one go',
    rules: ['B5.1'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      const at = set.clock.monotonic();
      set.server.send('session.draining', {
        reconnect_after_ms: 3_000,
        deadline_ms: 10_000,
        reason: 'deploy',
      });
      await set.clock.advance(2_999);
      mustEqual(
        [set.dials.length, set.server.connections.length],
        [1, 1],
        'dials and connections before its time',
      );
      await set.until('it dials again', () => set.dials.length === 2, 2_000);
      must((set.dials[1] ?? 0) - at <= 3_500, 'it did not keep to its time');
      await set.until(
        'the new connection is the only one',
        () => set.server.connections.length === 1 && set.server.connections[0]?.number === 2,
        10_000,
      );
      must(set.client.status === 'connected', 'the application saw an interruption');
    },
  },
  {
    name: 'renews its token over the socket before it runs out',
    rules: ['A5.3', 'A5.4', 'B2'],
    async run({ scene }) {
      const set = scene({ tokenLife: 600 });
      await set.connected();
      await set.until('it refreshes', () => set.server.receivedOf('auth.refresh').length > 0, 600_000);
      const share = set.clock.monotonic() / 600_000;
      must(
        share >= 0.65 && share <= 0.92,
        `it refreshed after ${Math.round(share * 100)} % of the token's life`,
      );
      await set.clock.advance(400_000);
      mustEqual(
        set.server.connections.map(({ number }) => number),
        [1],
        'connections',
      );
    },
  },
  {
    name: 'measures the life of a token from its receipt, however wrong its own clock is',
    rules: ['B2'],
    async run({ scene }) {
      for (const wrong of [-86_400_000, 86_400_000]) {
        const set = scene({ tokenLife: 600 });
        set.clock.step(wrong);
        await set.connected();
        await set.clock.advance(300_000);
        mustEqual(
          [set.server.receivedOf('auth.refresh').length, set.server.connections.length],
          [0, 1],
          'refreshes and connections at half its life',
        );
      }
    },
  },
]);
