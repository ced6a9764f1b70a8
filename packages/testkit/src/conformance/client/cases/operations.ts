import { casesFor, must, mustEqual } from '../../case.js';
import type { ClientEnv, ClientScene } from '../client-env.js';

const said = ({ client }: ClientScene, room = 'host') =>
  client.heard.flatMap(({ type, data }) => {
    const { body, scope } = data as { body: string; scope: string };
    return type === 'chat.message' && scope === room ? [body] : [];
  });

/** A2.5, B3, B4: one effect, nothing missed, nothing twice. */
export const OPERATION_CASES = casesFor<ClientEnv>('client', [
  {
    name: 'never repeats an operation by itself towards a server without v1: the outcome is unknown',
    rules: ['A2.5'],
    async run({ scene }) {
      const set = scene({ base: true });
      await set.connected();
      set.server.when('chat.send').times(1).disconnect({ effect: true });
      const outcome = await set.clock.runUntil(set.client.send('host', 'once'), { limitMs: 300_000 });
      mustEqual(outcome, { kind: 'failed', code: 'unknown_outcome' }, 'the outcome');
      await set.clock.advance(120_000);
      mustEqual(set.server.receivedOf('chat.send').length, 1, 'sends');
    },
  },
  {
    name: 'repeats an unanswered operation towards a v1 server with the same op_id: one effect, one outcome',
    rules: ['B4.1'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      set.server.when('chat.send').times(1).disconnect({ effect: true });
      const outcome = await set.clock.runUntil(set.client.send('host', 'once'), { limitMs: 300_000 });
      mustEqual(outcome.kind, 'done', 'the outcome');
      const sends = set.server.receivedOf('chat.send');
      must(sends.length >= 2, 'the operation was not repeated');
      mustEqual(new Set(sends.map(({ op_id }) => op_id)).size, 1, 'op_ids');
      await set.clock.advance(5_000);
      mustEqual(said(set), ['once'], 'messages heard');
    },
  },
  {
    name: 'queues messages while it is away and sends them in order when it is back',
    rules: ['promise 4', 'A2.2'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      const denied = set.network.fault({ kind: 'deny_upgrade', status: 503 });
      set.server.breakConnections();
      await set.until('it notices', () => set.client.status !== 'connected', 10_000);
      const sends = ['1', '2', '3'].map((body) => set.client.send('host', body));
      await set.clock.advance(5_000);
      denied.end();
      const outcomes = await set.clock.runUntil(Promise.all(sends), { limitMs: 120_000 });
      mustEqual(
        outcomes.map(({ kind }) => kind),
        ['done', 'done', 'done'],
        'outcomes',
      );
      mustEqual(
        set.server.receivedOf('chat.send').map(({ data }) => data.body),
        ['1', '2', '3'],
        'order of sends',
      );
    },
  },
  {
    name: 'does not queue presence.ping',
    rules: ['promise 4'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      set.network.fault({ kind: 'deny_upgrade', status: 503 });
      set.server.breakConnections();
      await set.until('it notices', () => set.client.status !== 'connected', 10_000);
      mustEqual(
        (await set.clock.runUntil(set.client.ping(), { limitMs: 1_000 })).kind,
        'failed',
        'the outcome',
      );
    },
  },
  {
    name: 'waits as long as a rate limit says, and succeeds then',
    rules: ['A2.4'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      set.server.when('chat.send').times(1).fail('ERR_RATE_LIMIT', { retry_after_ms: 7_000 });
      const at = set.clock.monotonic();
      const outcome = await set.clock.runUntil(set.client.send('host', 'limited'), { limitMs: 120_000 });
      const [first, second] = set.server.receivedOf('chat.send');
      if (outcome.kind === 'failed')
        return must(outcome.code === 'ERR_RATE_LIMIT' && !second, 'a limited send failed otherwise');
      must((second?.at ?? 0) - at >= 7_000, 'it came back before its time');
      mustEqual(second?.op_id, first?.op_id, 'op_id of the repeat');
    },
  },
  {
    name: 'ends every operation, also when nothing ever answers',
    rules: ['promise 4'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      set.server.when('*').never();
      const outcome = await set.clock.runUntil(set.client.ping(), { limitMs: 120_000 });
      mustEqual(outcome.kind, 'failed', 'the outcome of a ping');
    },
  },
  {
    name: 'hears everything that was said while it was away, once and in order, before anything newer',
    rules: ['B3.3', 'promise 3'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      set.server.say('host', 'grace', '1');
      await set.until('1 is heard', () => said(set).length === 1, 1_000);
      set.server.breakConnections();
      for (const body of ['2', '3', '4']) set.server.say('host', 'grace', body);
      await set.until(
        'it is back',
        () => set.server.connections.length === 1 && set.client.status === 'connected',
      );
      set.server.say('host', 'grace', '5');
      await set.until('5 is heard', () => said(set).includes('5'), 10_000);
      mustEqual(said(set), ['1', '2', '3', '4', '5'], 'messages');
    },
  },
  {
    name: 'resumes a room from which it never heard anything',
    rules: ['B3.2', 'B3.3'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      set.server.breakConnections();
      set.server.say('network:lobby', 'grace', 'first ever');
      await set.until('it is heard', () => said(set, 'network:lobby').includes('first ever'), 60_000);
      mustEqual(said(set, 'network:lobby'), ['first ever'], 'messages');
    },
  },
  {
    name: 'tells the application of a gap, and goes on from where the room stands',
    rules: ['B3.4', 'promise 3'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      set.server.breakConnections();
      for (const body of ['lost', 'lost', 'kept']) set.server.say('host', 'grace', body);
      set.server.forgetLog('host', 2);
      await set.until('the gap is told', () => set.client.gaps.includes('host'), 60_000);
      set.server.say('host', 'grace', 'after');
      await set.until('what follows is heard', () => said(set).includes('after'), 60_000);
      mustEqual(said(set).filter((body) => body === 'after').length, 1, 'times heard');
    },
  },
  {
    name: 'tells the application of a gap when the log itself was lost',
    rules: ['B3.1', 'B3.4'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      set.server.say('host', 'grace', 'before');
      await set.until('it is heard', () => said(set).length === 1, 1_000);
      await set.server.restart({ keepLog: false });
      await set.until('the gap is told', () => set.client.gaps.includes('host'), 60_000);
      set.server.say('host', 'grace', 'new life');
      await set.until('the new log is heard', () => said(set).includes('new life'), 60_000);
    },
  },
  {
    name: 'delivers an event once that the network delivers twice',
    rules: ['promise 3', 'B3.1'],
    async run({ scene }) {
      const set = scene();
      await set.connected();
      const twice = set.network.fault({ fault: { kind: 'duplicate', probability: 1 }, direction: 'down' });
      for (const body of ['1', '2', '3']) set.server.say('host', 'grace', body);
      await set.clock.advance(1_000);
      twice.end();
      mustEqual(said(set), ['1', '2', '3'], 'messages');
    },
  },
  {
    name: 'leaves nothing behind when it is closed, from any state',
    rules: ['promise 4'],
    async run({ scene }) {
      const idle = scene();
      await idle.clock.runUntil(idle.client.close(), { limitMs: 10_000 });
      const dialling = scene();
      dialling.network.fault({ kind: 'black_hole' });
      void dialling.client.connect().catch(() => {});
      await dialling.clock.advance(100);
      await dialling.clock.runUntil(dialling.client.close(), { limitMs: 10_000 });
      const open = scene();
      await open.connected();
      await open.clock.runUntil(open.client.close(), { limitMs: 10_000 });
      for (const set of [idle, dialling, open]) {
        const dials = set.dials.length;
        await set.clock.advance(600_000);
        mustEqual(
          [set.client.status, set.dials.length, set.server.connections.length, set.lifecycle.subscribers],
          ['closed', dials, 0, 0],
          'status, dials, connections and listeners',
        );
      }
    },
  },
]);
