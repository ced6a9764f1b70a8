import { casesFor, must, mustEqual } from '../../case.js';
import type { ClientEnv, ClientScene } from '../client-scene.js';

const said = ({ client }: ClientScene, room = 'host') =>
  client.heard.flatMap(({ type, data }) => {
    const { body, scope } = data as { body: string; scope: string };
    return type === 'chat.message' && scope === room ? [body] : [];
  });

/** The connection breaks, and the client has noticed. */
async function breakOff(set: ClientScene): Promise<void> {
  set.server.breakConnections();
  await set.until(
    'it notices that the connection broke',
    () => set.client.status !== 'connected' && set.server.connections.length === 0,
    10_000,
  );
}

/** A2.4, A2.5, B4 and promise 4: what becomes of an operation. */
export const OPERATION_CASES = casesFor<ClientEnv>('client', [
  {
    name: 'never repeats an operation by itself towards a server without v1: the outcome is unknown',
    rules: ['A2.5/not-repeated', 'A2.5/unknown'],
    async run({ scene, span }) {
      const set = await scene({ base: true });
      await set.connected();
      set.server.when('chat.send').times(1).disconnect({ effect: true });
      const outcome = await set.within('the outcome', set.client.send('host', 'once'), 300_000);
      mustEqual(outcome, { kind: 'failed', code: 'unknown_outcome' }, 'the outcome');
      await set.pass(span(120_000, 4_000));
      mustEqual(set.server.receivedOf('chat.send').length, 1, 'sends');
    },
  },
  {
    name: 'repeats an unanswered operation towards a v1 server with the same op_id: one effect, one outcome',
    rules: ['B4.1/resend'],
    needs: 'v1',
    async run({ scene, span }) {
      const set = await scene();
      await set.connected();
      set.server.when('chat.send').times(1).disconnect({ effect: true });
      const outcome = await set.within('the outcome', set.client.send('host', 'once'), 300_000);
      mustEqual(outcome.kind, 'done', 'the outcome');
      const sends = set.server.receivedOf('chat.send');
      must(sends.length >= 2, 'the operation was not repeated');
      mustEqual(new Set(sends.map(({ op_id }) => op_id)).size, 1, 'op_ids');
      await set.pass(span(5_000, 1_000));
      mustEqual(said(set), ['once'], 'messages heard');
    },
  },
  {
    name: 'queues messages while it is away and sends them in order when it is back',
    rules: ['promise 4/queue', 'A2.2/order'],
    also: ['queue'],
    async run({ scene, span }) {
      const set = await scene();
      await set.connected();
      const denied = set.network.fault({ kind: 'deny_upgrade', status: 503 });
      await breakOff(set);
      const sends = ['1', '2', '3'].map((body) => set.client.send('host', body));
      await set.pass(span(5_000, 500));
      denied.end();
      const outcomes = await set.within('the outcomes', Promise.all(sends));
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
    rules: ['promise 4/queue'],
    also: ['ping'],
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      set.network.fault({ kind: 'deny_upgrade', status: 503 });
      await breakOff(set);
      mustEqual(
        (await set.within('the end of a ping', set.client.ping(), 1_000)).kind,
        'failed',
        'the outcome',
      );
    },
  },
  {
    name: 'waits as long as a rate limit says, and succeeds then',
    rules: ['A2.4/retry'],
    async run({ scene, span }) {
      const set = await scene();
      await set.connected();
      const wait = span(7_000, 2_500);
      set.server.when('chat.send').times(1).fail('ERR_RATE_LIMIT', { retry_after_ms: wait });
      const outcome = await set.within('the outcome', set.client.send('host', 'limited'));
      const [first, second] = set.server.receivedOf('chat.send');
      if (outcome.kind === 'failed')
        return must(outcome.code === 'ERR_RATE_LIMIT' && !second, 'a limited send failed otherwise');
      // Both arrived at the server's clock; the first was answered at once.
      must((second?.at ?? 0) - (first?.at ?? 0) >= wait, 'it came back before its time');
      mustEqual(second?.op_id, first?.op_id, 'op_id of the repeat');
    },
  },
  {
    name: 'ends every operation, also when nothing ever answers',
    rules: ['promise 4/settles'],
    also: ['time'],
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      set.server.when('*').never();
      const outcome = await set.within('the end of a send', set.client.send('host', 'unanswered'), 300_000);
      mustEqual(outcome.kind, 'failed', 'the outcome of a send');
    },
  },
  {
    name: 'ends a ping that nothing ever answers',
    rules: ['promise 4/settles'],
    also: ['time', 'ping'],
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      set.server.when('*').never();
      const outcome = await set.within('the end of a ping', set.client.ping());
      mustEqual(outcome.kind, 'failed', 'the outcome of a ping');
    },
  },
  {
    name: 'leaves nothing behind when it is closed, from any state',
    rules: ['promise 4/close'],
    async run({ scene, span }) {
      const idle = await scene();
      await idle.within('the end of an idle client', idle.client.close(), 10_000);
      const dialling = await scene();
      dialling.network.fault({ kind: 'black_hole' });
      void dialling.client.connect().catch(() => {});
      await dialling.pass(100);
      await dialling.within('the end of a dialling client', dialling.client.close(), 10_000);
      const open = await scene();
      await open.connected();
      await open.within('the end of an open client', open.client.close(), 10_000);
      for (const set of [idle, dialling, open]) {
        const dials = set.dials.length;
        await set.pass(span(600_000, 1_500));
        mustEqual(
          [set.client.status, set.dials.length, set.server.connections.length, set.listeners()],
          ['closed', dials, 0, 0],
          'status, dials, connections and listeners',
        );
      }
    },
  },
]);
