import type { EventData } from '@goconnect/protocol/validators';
import { casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import { claimsOf } from '../token-claims.js';
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

const TRACED = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
const A_DAY_MS = 86_400_000;

/** The welcome, whose shape every connection is watched for. */
async function welcomeOf(client: WireClient): Promise<EventData<'session.welcome'>> {
  return (await client.event('session.welcome')).data as unknown as EventData<'session.welcome'>;
}

/** Seconds for which a token was made. Its own claims say so, so that no clock is asked; without them there is no bound. */
function lifeOf(token: string): number {
  const { exp, iat } = claimsOf(token);
  return typeof exp === 'number' && typeof iat === 'number' ? exp - iat : Number.MAX_SAFE_INTEGER;
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
        mustEqual(reply.error?.details?.reason, 'unknown_type', 'details.reason');
      }
    },
  },
  {
    name: 'takes a request of v1 for an unknown type on a base connection, whatever its data',
    rules: ['B1.1/base'],
    async run({ connect, one }) {
      const client = await connect(one, { v1: false });
      for (const type of ['chat.history', 'presence.list', 'session.resume']) {
        const reply = await client.error('ERR_INVALID_MESSAGE', type, { no: 'field of it' });
        mustEqual(reply.error?.details?.reason, 'unknown_type', `details.reason for ${type}`);
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
      mustEqual((await client.event('session.welcome')).data.user_id, one.id, 'user_id');
    },
  },
  {
    name: 'says in the welcome what then holds: limits, heartbeat, times, a session of its own',
    rules: ['B2/fields'],
    needs: 'v1',
    async run({ connect, one }) {
      const [welcome, other] = [await welcomeOf(await connect(one)), await welcomeOf(await connect(one))];
      must(welcome.session_id !== other.session_id, 'two connections have one session_id');
      mustEqual(
        [welcome.limits.messages_per_minute, welcome.limits.network_messages_per_minute],
        [100, 1_000],
        'messages_per_minute and network_messages_per_minute',
      );
      const { ping_period_ms: ping, pong_wait_ms: pong } = welcome.heartbeat;
      must(ping > 0 && ping < pong, `ping_period_ms is ${ping}, pong_wait_ms ${pong}`);
      const { window_ms, max_events_per_room } = welcome.resume;
      must(window_ms >= 300_000, `resume.window_ms is ${window_ms}`);
      must(max_events_per_room >= 1_000, `resume.max_events_per_room is ${max_events_per_room}`);
      must(welcome.dedupe_window_ms >= A_DAY_MS, `dedupe_window_ms is ${welcome.dedupe_window_ms}`);
      const { token_expires_in: left } = welcome;
      const life = lifeOf(one.token);
      must(left > 0 && left <= life, `token_expires_in is ${left} for a token that was made for ${life} s`);
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
      const asked = { scope: 'host', body: 'traced' };
      const reply = await client.ack('chat.send', asked, undefined, { meta: TRACED });
      mustEqual(reply.meta, TRACED, 'meta of the reply');
      const event = await reader.event('chat.message', { id: reply.data.message_id });
      mustEqual(event.meta, TRACED, 'meta of the event');
    },
    needs: 'v1',
  },
  {
    name: 'copies the trace context of a request to its error as well',
    rules: ['B6/reply'],
    needs: 'v1',
    async run({ connect, one }) {
      const client = await connect(one);
      const unknown = { message_id: 'no-such-message', new_body: 'x' };
      const reply = await client.error('ERR_NOT_FOUND', 'chat.edit', unknown, undefined, { meta: TRACED });
      mustEqual(reply.meta, TRACED, 'meta of the error');
    },
  },
  {
    name: 'takes no harm from a trace context on a base connection',
    rules: ['B6/ignored'],
    async run({ connect, one }) {
      const client = await connect(one, { v1: false });
      const more = { meta: { ...TRACED, more: { x: 1 } } };
      const reply = await client.ack('chat.send', { scope: 'host', body: 'traced' }, undefined, more);
      const unknown = { message_id: 'no-such-message', new_body: 'x' };
      const error = await client.error('ERR_NOT_FOUND', 'chat.edit', unknown, undefined, more);
      for (const { type, meta } of [reply, error])
        must(meta === undefined, `the ${type} carries a trace context, without v1`);
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
