import { eventValidators } from '@goconnect/protocol/validators';
import { casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import type { WireClient, WireEnvelope } from '../wire-client.js';

export interface Position {
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
}

/** Where the welcome says that a room stands. */
export async function positionOf(client: WireClient, room: string): Promise<Position> {
  const { data } = await client.event('session.welcome');
  const found = (data.rooms as readonly Position[]).find((one) => one.room === room);
  must(found, `the welcome does not name ${room}`);
  return found;
}

/** Events of a room that carry a place, in the order they came. */
export function logOf(client: WireClient, room: string): readonly WireEnvelope[] {
  return client.received.filter(
    (one) => one.room === room && one.seq !== undefined && one.op_id === undefined,
  );
}

/** B1, B2, B6: the session extension. */
export const SESSION_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'speaks the base contract to a client that does not offer v1',
    rules: ['B1.1/base'],
    async run({ connect, one }) {
      const client = await connect(one, { v1: false });
      const { protocol } = await client.opened();
      mustEqual(protocol, '', 'selected subprotocol');
      await client.ack('chat.send', { scope: 'host', body: 'base' });
      await client.settle();
      mustEqual(client.events('session.welcome').length, 0, 'welcomes');
    },
  },
  {
    name: 'does not know the requests of v1 on a base connection',
    rules: ['B1.1/base'],
    async run({ connect, one }) {
      const client = await connect(one, { v1: false });
      for (const [type, data] of [
        ['chat.history', { scope: 'host' }],
        ['presence.list', { room: 'host' }],
        ['session.resume', { positions: [] }],
      ] as const) {
        const reply = await client.error('ERR_INVALID_MESSAGE', type, data);
        mustEqual(reply.error?.details.reason, 'unknown_type', 'details.reason');
      }
    },
  },
  {
    name: 'selects goconnect.v1 when it is offered',
    rules: ['B1.1/selects'],
    needs: 'v1',
    async run({ dial, one }) {
      mustEqual((await dial(one, { v1: true }).opened()).protocol, 'goconnect.v1', 'selected subprotocol');
    },
  },
  {
    name: 'takes the token from a subprotocol and never selects that one',
    rules: ['B1.2/carrier', 'B1.2/not-selected'],
    needs: 'v1',
    async run({ connect, one }) {
      const client = await connect(one, { carry: 'subprotocol' });
      mustEqual((await client.opened()).protocol, 'goconnect.v1', 'selected subprotocol');
    },
  },
  {
    name: 'says welcome first, and only once, with everything in it',
    rules: ['B2/first', 'B2/fields'],
    needs: 'v1',
    async run({ connect, one }) {
      const client = await connect(one);
      await client.settle();
      mustEqual(client.received[0]?.type, 'session.welcome', 'the first message');
      mustEqual(client.events('session.welcome').length, 1, 'welcomes');
      const { data } = await client.event('session.welcome');
      const verdict = eventValidators['session.welcome'](data, 'data');
      must(
        verdict.ok,
        `the welcome is not as published: ${verdict.ok ? '' : JSON.stringify(verdict.faults)}`,
      );
      mustEqual(verdict.value.user_id, one.id, 'user_id');
      must(verdict.value.token_expires_in > 0, 'token_expires_in is not positive');
      mustEqual(verdict.value.limits.messages_per_minute, 100, 'messages_per_minute');
    },
  },
  {
    name: 'names in the welcome every room that one is in',
    rules: ['B2/rooms', 'A3.2/tenant'],
    needs: 'v1',
    also: ['admin'],
    async run({ connect, network, one }) {
      const id = await network();
      const client = await connect(one);
      const { data } = await client.event('session.welcome');
      for (const room of ['host', `tenant:${String(data.tenant_id)}`, `network:${id}`])
        await positionOf(client, room);
    },
  },
  {
    name: 'copies the trace context of a request to its reply and to the event that it causes',
    rules: ['B6/reply', 'B6/broadcast'],
    async run({ connect, one, two }) {
      const [client, reader] = [await connect(one), await connect(two)];
      const meta = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
      const reply = await client.ack('chat.send', { scope: 'host', body: 'traced' }, undefined, { meta });
      mustEqual(reply.meta, meta, 'meta of the reply');
      mustEqual(
        (await reader.event('chat.message', { id: reply.data.message_id })).meta,
        meta,
        'meta of the event',
      );
    },
    needs: 'v1',
  },
  {
    name: 'takes no harm from a trace context on a base connection',
    rules: ['B6/ignored'],
    async run({ connect, one }) {
      const client = await connect(one, { v1: false });
      const meta = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', more: { x: 1 } };
      await client.ack('chat.send', { scope: 'host', body: 'traced' }, undefined, { meta });
    },
  },
  {
    name: 'tells clients of a drain, each its own time, and closes with 4412 at the deadline',
    rules: ['B5.1/draining', 'B5.1/deadline', 'A7/4412'],
    needs: 'v1',
    also: ['drain'],
    async run({ connect, admin, one, two }) {
      const clients = [await connect(one), await connect(two)];
      const draining = admin.drain?.();
      try {
        for (const client of clients) {
          const { data } = await client.event('session.draining');
          must(
            Number.isInteger(data.reconnect_after_ms) && Number.isInteger(data.deadline_ms),
            'session.draining has no times',
          );
          must(
            Number(data.reconnect_after_ms) <= Number(data.deadline_ms),
            'the advised time is after the deadline',
          );
        }
        for (const client of clients) mustEqual((await client.closed()).code, 4412, 'close code');
      } finally {
        // The next case finds a server that is back.
        await draining;
      }
    },
  },
]);
