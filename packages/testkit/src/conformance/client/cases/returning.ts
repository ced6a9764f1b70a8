import { casesFor, must, mustEqual } from '../../case.js';
import type { ClientEnv, ClientScene } from '../client-scene.js';

const COME_BACK = [1001, 1011, 1012, 1013, 1014, 4000, 4400, 4408, 4409, 4412, 4429, 4499];
const STAY_AWAY = [1000, 1002, 1003, 1007, 1008, 1009, 4500, 4501, 4503, 4999];

const newest = ({ server }: ClientScene) => Math.max(0, ...server.connections.map(({ number }) => number));

/** Lets something end the connection; the client comes back by another. */
async function comesBack(set: ClientScene, end: () => void, what = 'the client comes back'): Promise<void> {
  const before = newest(set);
  end();
  await set.until(
    what,
    () => newest(set) > before && set.server.connections.length === 1 && set.client.status === 'connected',
  );
}

const SEEDS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Waits between the attempts of some clients that nobody lets in, one row a client. */
async function waits({ scene, each }: ClientEnv, attempts: number): Promise<readonly (readonly number[])[]> {
  const rows: (readonly number[])[] = [];
  await each(SEEDS, async (seed) => {
    const set = await scene({ seed });
    await set.connected();
    set.network.fault({ kind: 'deny_upgrade', status: 503 });
    const from = set.dials.length;
    set.server.breakConnections();
    await set.until('enough attempts', () => set.dials.length >= from + attempts, 3_600_000);
    const dials = set.dials.slice(from, from + attempts);
    rows.push(dials.slice(1).map((at, index) => at - (dials[index] ?? 0)));
    set.network.heal();
    await set.within('the end of the client', set.client.close(), 60_000);
  });
  return rows;
}

const average = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

/** A7: coming back, and staying away. */
export const RETURNING_CASES = casesFor<ClientEnv>('client', [
  {
    name: 'comes back after every close code of that range, and after a broken connection',
    rules: ['A7/come-back'],
    async run({ scene, each }) {
      await each([...COME_BACK, undefined], async (code) => {
        const set = await scene();
        await set.connected();
        await comesBack(
          set,
          () => (code === undefined ? set.server.breakConnections() : set.server.closeConnections(code)),
          `the client comes back after ${code ?? 'a broken connection'}`,
        );
      });
    },
  },
  {
    name: 'comes back after 4429 no earlier than the server says',
    rules: ['A7/4429-after'],
    needs: 'v1',
    async run({ scene, span }) {
      const set = await scene();
      await set.connected();
      const wait = span(20_000, 4_000);
      const at = set.now();
      const reason = JSON.stringify({ message: 'too many connections', retry_after_ms: wait });
      await comesBack(set, () => set.server.closeConnections(4429, reason));
      must((set.dials[1] ?? 0) - at >= wait, `it dialled after ${Math.round((set.dials[1] ?? 0) - at)} ms`);
    },
  },
  {
    name: 'names itself by one UUID on all of its connections',
    rules: ['B1.4/client'],
    needs: 'v1',
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      const [first] = set.server.connections;
      await comesBack(set, () => set.server.breakConnections());
      const [second] = set.server.connections;
      must(
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(first?.clientId ?? ''),
        `client_id is ${String(first?.clientId)}`,
      );
      mustEqual(second?.clientId, first?.clientId, 'client_id of the second connection');
    },
  },
  {
    name: 'stays away after every other close code, and says that it failed',
    rules: ['A7/stay-away'],
    async run({ scene, each, span }) {
      await each(STAY_AWAY, async (code) => {
        const set = await scene();
        await set.connected();
        set.server.closeConnections(code);
        const dialled = set.dials.length;
        await set.pass(span(300_000, 3_000));
        mustEqual(
          [set.server.connections.length, set.dials.length],
          [0, dialled],
          `connections and dials after ${code}`,
        );
        mustEqual(set.client.status, 'failed', `status after ${code}`);
      });
    },
  },
  {
    name: 'comes back with jittered delays that differ from client to client, and never without a pause',
    rules: ['A7/backoff'],
    also: ['time'],
    async run(env) {
      const rows = await waits(env, env.span(12, 5));
      for (const wait of rows.flat()) {
        must(wait > 0, 'an attempt follows another at once');
        must(wait <= 60_000, `a client waits ${Math.round(wait)} ms`);
      }
      // Also at the cap: jitter comes after it. Without any, all clients wait alike, but for what a busy machine adds.
      const last = rows.map((row) => row.at(-1) ?? 0);
      const spread = Math.max(...last) - Math.min(...last);
      must(
        spread > 0.2 * average(last),
        `clients wait alike before the last attempt: ${last.map(Math.round).join(', ')} ms`,
      );
    },
  },
  {
    name: 'backs off: later waits are longer than the first',
    rules: ['A7/backoff'],
    also: ['time'],
    async run(env) {
      const rows = await waits(env, env.span(10, 6));
      const early = average(rows.map((row) => row[0] ?? 0));
      const late = average(rows.map((row) => row.at(-1) ?? 0));
      must(
        late > 3 * early,
        `the delays do not grow: ${Math.round(early)} ms first, ${Math.round(late)} ms later`,
      );
    },
  },
  {
    name: 'works with a failed handshake that fires error and never close',
    rules: ['A7/come-back'],
    also: ['own socket'],
    async run({ scene }) {
      const set = await scene({ variant: 'undici' });
      await set.connected();
      const denied = set.network.fault({ kind: 'deny_upgrade', status: 503 });
      const dialled = set.dials.length;
      set.server.breakConnections();
      await set.until('three more attempts', () => set.dials.length >= dialled + 3, 300_000);
      await comesBack(set, () => denied.end());
    },
  },
  {
    name: 'gives up a handshake that never ends, and tries again',
    rules: ['A7/come-back'],
    also: ['time'],
    async run({ scene }) {
      const set = await scene();
      const hole = set.network.fault({ kind: 'black_hole' });
      void set.client.connect().catch(() => {});
      await set.until('a second attempt', () => set.dials.length >= 2, 120_000);
      await comesBack(set, () => hole.end());
    },
  },
  {
    name: 'notices a dead connection within 35 s while idle',
    rules: ['promise 6/idle'],
    also: ['time'],
    async run({ scene, span }) {
      const set = await scene();
      await set.connected();
      await set.pass(span(60_000, 1_000));
      const hole = set.network.fault({ kind: 'black_hole' });
      await set.until('the client notices', () => set.client.status !== 'connected', 35_100);
      await comesBack(set, () => hole.end());
    },
  },
  {
    name: 'notices a dead connection within 5 s after a wake-up',
    rules: ['promise 6/wake'],
    also: ['wake'],
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      await set.pass(1_000);
      set.network.fault({ kind: 'black_hole' });
      set.wake();
      await set.until('the client notices after a wake-up', () => set.client.status !== 'connected', 5_000);
    },
  },
  {
    name: 'notices within 90 s that it hears but is not heard, however much it hears',
    rules: ['promise 6/unheard'],
    also: ['time'],
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      const half = set.network.fault({ fault: { kind: 'half_open' }, direction: 'up' });
      for (let second = 0; second < 90 && set.client.status === 'connected'; second++) {
        set.server.say('host', 'grace', `second ${second}`);
        await set.pass(1_000);
      }
      must(set.client.status !== 'connected', 'it takes what it hears for a sign that it is heard');
      await comesBack(set, () => half.end());
    },
  },
  {
    name: 'speaks the base contract to a server that does not know v1',
    rules: ['B1.1/base'],
    async run({ scene, each }) {
      // Where the client brings its own socket, all three are that one.
      await each(['browser', 'ws', 'undici'] as const, async (variant) => {
        const set = await scene({ base: true, variant });
        await set.connected();
        const outcome = await set.within('the outcome', set.client.send('host', 'base'));
        mustEqual(outcome.kind, 'done', `a send with ${variant}`);
      });
    },
  },
  {
    name: 'opens its next connection at the time it is told, and only then lets the old one go',
    rules: ['B5.1/at-its-time', 'B5.1/overlap'],
    needs: 'v1',
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      // The new handshake is a second on its way; when it arrives, the server itself replaces the older twin.
      set.network.fault({ fault: { kind: 'delay', ms: 1_000 }, connection: 2, direction: 'up' });
      const at = set.now();
      set.server.send('session.draining', {
        reconnect_after_ms: 3_000,
        deadline_ms: 10_000,
        reason: 'deploy',
      });
      await set.pass(2_900);
      mustEqual(
        [set.dials.length, set.server.connections.length],
        [1, 1],
        'dials and connections before its time',
      );
      await set.until('it dials again', () => set.dials.length === 2, 2_000);
      must((set.dials[1] ?? 0) - at <= 3_500, 'it did not keep to its time');
      await set.pass(300);
      mustEqual(
        set.server.connections.map(({ number }) => number),
        [1],
        'connections while the new one is on its way',
      );
      await set.until(
        'the new connection is the only one',
        () => set.server.connections.length === 1 && set.server.connections[0]?.number === 2,
        10_000,
      );
      must(set.client.status === 'connected', 'the application saw an interruption');
    },
  },
]);
