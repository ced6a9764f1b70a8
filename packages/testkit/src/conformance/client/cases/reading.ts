import { EVENT_TYPES } from '../../../fake-server/event-types.js';
import { makeError, makeEvent } from '../../../fake-server/factories.js';
import { casesFor, must, mustEqual } from '../../case.js';
import type { ClientEnv, ClientScene } from '../client-scene.js';

const bodies = ({ client }: ClientScene) =>
  client.heard
    .filter(({ type }) => type === 'chat.message')
    .map(({ data }) => (data as { body: string }).body);

/** A client that still works: something said now reaches its application. */
async function mustBeAlive(scene: ClientScene): Promise<void> {
  const connections = scene.server.connections.map(({ number }) => number);
  scene.server.say('host', 'grace', 'still there?');
  await scene.until(
    'the client hears what is said next',
    () => bodies(scene).includes('still there?'),
    1_000,
  );
  mustEqual(
    scene.server.connections.map(({ number }) => number),
    connections,
    'connections',
  );
}

/** A1, A2.3: reading what servers write, tolerantly. */
export const READING_CASES = casesFor<ClientEnv>('client', [
  {
    name: 'reads several envelopes in one frame, in order',
    rules: ['A1.1/joined'],
    async run({ scene }) {
      const set = await scene({ base: true });
      await set.connected();
      set.server.sendTogether(
        ['1', '2', '3'].map((body) => makeEvent('chat.message', { body, id: `m-${body}` })),
      );
      await set.until('all three are heard', () => bodies(set).length === 3, 1_000);
      mustEqual(bodies(set), ['1', '2', '3'], 'messages');
    },
  },
  {
    name: 'survives unknown types, unknown fields and unknown words',
    rules: ['A1.4/unknown-field', 'A1.4/unknown-type', 'A1.4/unknown-word', 'A1.4/unknown-hook'],
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      set.server.sendRaw('{"type":"call.offer","data":{"sdp":"x"},"future":1}');
      await set.until(
        'what is unknown reaches the application',
        () => set.client.heard.some(({ type }) => type === 'call.offer'),
        1_000,
      );
      set.server.sendRaw(
        '{"type":"presence.update","data":{"user_id":"grace","status":"busy","since":"2025-01-01T00:00:00Z","mood":"fine"}}',
      );
      await set.until(
        'an unknown word is heard',
        () => set.client.heard.some(({ type }) => type === 'presence.update'),
        1_000,
      );
      await mustBeAlive(set);
    },
  },
  {
    name: 'accepts events from which the original server leaves out what is empty',
    rules: ['A1.4/absent'],
    async run({ scene }) {
      const set = await scene({ base: true });
      await set.connected();
      set.server.sendRaw(
        '{"type":"chat.message","data":{"id":"m","scope":"host","user_id":"u","body":"bare","created_at":"2025-01-01T00:00:00Z"}}',
      );
      set.server.sendRaw('{"type":"member.joined","data":{"network_id":"n","user_id":"u"}}');
      set.server.sendRaw('{"type":"admin.kick","data":{"network_id":"n","user_id":"u"}}');
      set.server.sendRaw('{"type":"net.updated","data":{"network_id":"n"}}');
      await set.until(
        'all four are heard',
        () => set.client.heard.filter(({ type }) => type !== 'presence.update').length === 4,
        1_000,
      );
    },
  },
  {
    name: 'hands every published event to the application',
    rules: ['page/heard'],
    async run({ scene }) {
      const set = await scene({ base: true });
      await set.connected();
      const types = EVENT_TYPES.filter((type) => !type.startsWith('session.'));
      for (const type of types) set.server.send(type);
      await set.until(
        'all of them are heard',
        () => types.every((wanted) => set.client.heard.some(({ type }) => type === wanted)),
        2_000,
      );
    },
  },
  {
    name: 'lets no __proto__ of an event change what the application reads',
    rules: ['A1.6/prototype'],
    async run({ scene }) {
      const set = await scene({ base: true });
      await set.connected();
      set.server.sendRaw(
        '{"type":"chat.message","data":{"id":"m","scope":"host","user_id":"u","body":"proto","created_at":"2025-01-01T00:00:00Z","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}},"__proto__":{"polluted":true}}',
      );
      await mustBeAlive(set);
      for (const { data } of set.client.heard) {
        const { polluted } = data as { polluted?: unknown };
        must(polluted === undefined, 'a field of __proto__ reads as one of the event');
      }
    },
  },
  {
    name: 'takes an error without details for what it is',
    rules: ['A1.4/absent-details'],
    async run({ scene }) {
      const set = await scene({ base: true });
      await set.connected();
      set.server.when('chat.send').times(1).never();
      const outcome = set.client.send('host', 'refused');
      await set.until('the send arrives', () => set.server.receivedOf('chat.send').length > 0, 5_000);
      const [{ op_id } = { op_id: '' }] = set.server.receivedOf('chat.send');
      set.server.sendRaw(
        JSON.stringify({ type: 'error', op_id, error: { code: 'ERR_FORBIDDEN', message: 'no' } }),
      );
      mustEqual(
        await set.within('the outcome', outcome, 1_000),
        { kind: 'failed', code: 'ERR_FORBIDDEN' },
        'the outcome',
      );
    },
  },
  {
    name: 'tells the application of an error that belongs to no request',
    rules: ['A2.3/surfaced'],
    async run({ scene }) {
      const set = await scene({ base: true });
      await set.connected();
      set.server.sendRaw(JSON.stringify(makeError('ERR_RATE_LIMIT')));
      await set.until('it is told', () => set.client.heard.some(({ type }) => type === 'error'), 2_000);
      await mustBeAlive(set);
    },
  },
  {
    name: 'settles each request by its own reply, whichever comes first',
    rules: ['A2.2/overtaking', 'A2.1/op-id'],
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      set.server.when('chat.send', { body: 'slow' }).delay(800);
      const order: string[] = [];
      // A client may send one message of a scope at a time, so these are of two.
      const asked = [['host', 'slow'] as const, ['network:lobby', 'fast'] as const];
      const sends = asked.map(([scope, body]) =>
        set.client.send(scope, body).then((outcome) => {
          order.push(body);
          return outcome;
        }),
      );
      const [slow, fast] = await set.within('both outcomes', Promise.all(sends));
      mustEqual([slow?.kind, fast?.kind], ['done', 'done'], 'outcomes');
      mustEqual(order, ['fast', 'slow'], 'order of outcomes');
    },
  },
  {
    name: 'survives garbage, binary frames and replies that nobody asked for',
    rules: ['A1.6/survives'],
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      for (const text of [
        '',
        '{',
        'null',
        '[]',
        '42',
        '{"type":7}',
        '['.repeat(40_000),
        '{"type":"ack","op_id":"stranger","data":{}}',
        '{"type":"chat.message","data":7}',
      ])
        set.server.sendRaw(text);
      set.server.sendBinary(new Uint8Array([1, 2, 3]));
      await mustBeAlive(set);
    },
  },
  {
    name: 'survives an error without op_id, and every operation still ends by itself',
    rules: ['A2.3/deadline'],
    also: ['time'],
    async run({ scene }) {
      const set = await scene({ base: true });
      await set.connected();
      set.server.when('chat.send').times(1).never();
      const pending = set.client.send('host', 'unanswered');
      await set.until('the send arrives', () => set.server.receivedOf('chat.send').length > 0, 5_000);
      set.server.sendRaw(JSON.stringify(makeError('ERR_RATE_LIMIT')));
      const outcome = await set.within('the end of the operation', pending);
      mustEqual(outcome.kind, 'failed', 'the outcome of an unanswered operation');
    },
  },
  {
    name: 'settles once when it is answered twice, and not by the answer to another',
    rules: ['A2.1/once', 'A2.1/op-id'],
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      set.server.when('chat.send').times(1).twice();
      const first = await set.within('the first outcome', set.client.send('host', 'twice'));
      mustEqual(first.kind, 'done', 'the first outcome');
      set.server.when('chat.send', { body: 'second' }).withOpId('somebody-elses');
      let settled = false;
      void set.client.send('host', 'second').then(() => {
        settled = true;
      });
      await set.until(
        'the second send arrives',
        () => set.server.receivedOf('chat.send', { body: 'second' }).length > 0,
        5_000,
      );
      await set.pass(500);
      must(!settled, 'an operation was settled by the answer to another');
    },
  },
  {
    name: 'gives each operation an op_id of its own',
    rules: ['A2.1/op-id', 'page/requests'],
    async run({ scene }) {
      const set = await scene();
      await set.connected();
      await set.within(
        'the end of 50 operations',
        Promise.all(Array.from({ length: 50 }, (_, index) => set.client.send('host', String(index)))),
      );
      const ids = set.server.receivedOf('chat.send').map(({ op_id }) => op_id);
      mustEqual(new Set(ids).size, 50, 'different op_ids');
      for (const id of ids) must(id.length <= 128, 'an op_id is longer than 128');
    },
  },
]);
