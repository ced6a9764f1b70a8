import { casesFor, mustEqual } from '../../case.js';
import type { ClientEnv, ClientScene } from '../client-scene.js';

const said = ({ client }: ClientScene, room = 'host') =>
  client.heard.flatMap(({ type, data }) => {
    const { body, scope } = data as { body: string; scope: string };
    return type === 'chat.message' && scope === room ? [body] : [];
  });

/** Breaks the connection; resolves when the server knows it. What is said now is missed. */
async function goAway(set: ClientScene): Promise<void> {
  // A client that is let in again at once would miss nothing.
  const denied = set.network.fault({ kind: 'deny_upgrade', status: 503 });
  set.server.breakConnections();
  await set.until('the connection breaks', () => set.server.connections.length === 0, 10_000);
  denied.end();
}

/** B3 and promise 3: nothing missed, nothing twice, or it is said. */
export const MISSING_CASES = casesFor<ClientEnv>('client', [
  {
    name: 'hears everything that was said while it was away, once and in order, before anything newer',
    rules: ['B3.3/missed', 'B3.3/before-newer', 'promise 3'],
    needs: 'v1',
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      set.server.say('host', 'grace', '1');
      await set.until('1 is heard', () => said(set).length === 1, 1_000);
      await goAway(set);
      for (const body of ['2', '3', '4']) set.server.say('host', 'grace', body);
      await set.until('it is back', () => set.server.connections.length === 1);
      set.server.say('host', 'grace', '5');
      await set.until('5 is heard', () => said(set).includes('5'), 10_000);
      mustEqual(said(set), ['1', '2', '3', '4', '5'], 'messages');
    },
  },
  {
    name: 'resumes a room from which it never heard anything',
    rules: ['B3.2/zero', 'page/autojoin'],
    needs: 'v1',
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      await goAway(set);
      set.server.say('network:lobby', 'grace', 'first ever');
      await set.until('it is heard', () => said(set, 'network:lobby').includes('first ever'), 60_000);
      mustEqual(said(set, 'network:lobby'), ['first ever'], 'messages');
    },
  },
  {
    name: 'tells the application of a gap, and goes on from where the room stands',
    rules: ['B3.4/gap', 'promise 3'],
    needs: 'v1',
    also: ['gap'],
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      await goAway(set);
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
    rules: ['B3.4/gap', 'B3.1/epoch'],
    needs: 'v1',
    also: ['gap'],
    async run({ scene }) {
      const set = await scene();
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
    rules: ['B3.1/once', 'promise 3'],
    needs: 'v1',
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      const twice = set.network.fault({ fault: { kind: 'duplicate', probability: 1 }, direction: 'down' });
      for (const body of ['1', '2', '3']) set.server.say('host', 'grace', body);
      await set.pass(1_000);
      twice.end();
      mustEqual(said(set), ['1', '2', '3'], 'messages');
    },
  },
]);
