import { type Envelope, type Mutation, upEnvelope } from './mutant-dial.js';
import { EDITED, REFRESHED, SENT } from './mutations.js';
import { body, forgives, remember, type ServerMutant } from './server-mutants.js';

const withoutField = (type: string, field: string): Mutation => ({
  down: (envelope) =>
    envelope.type === type && envelope.data && field in envelope.data
      ? { ...envelope, data: { ...envelope.data, [field]: undefined } }
      : envelope,
});

const droppedFrom = (
  type: string,
  change: (data: Record<string, unknown>) => Record<string, unknown>,
): Mutation => ({
  up: upEnvelope((envelope) =>
    envelope.type === type ? { ...envelope, data: change(envelope.data ?? {}) } : envelope,
  ),
});

/** Only the first connection that would hear such an event does. */
const toOneOnly = (type: string): Mutation => ({
  down(envelope, { shared }) {
    if (envelope.type !== type) return envelope;
    const key = `${type} ${String(envelope.data?.user_id)}`;
    if (shared.has(key)) return undefined;
    shared.set(key, true);
    return envelope;
  },
});

/** Faults against single clauses of a rule. */
export const CLAUSE_MUTANTS: readonly ServerMutant[] = [
  {
    name: 'a gap without the place from which on events can be had',
    killedBy: 'says gap for an epoch that it does not know, and never claims to have recovered it',
    mutation: {
      down(envelope) {
        const rooms = envelope.data?.rooms;
        if (envelope.type !== 'ack' || !Array.isArray(rooms)) return envelope;
        return { ...envelope, data: { rooms: rooms.map(({ from: _, ...room }) => room) } };
      },
    },
  },
  {
    name: 'a token that ran out told from no other',
    killedBy: 'closes with 4401 within 5 s after a token ran out, and takes it no more',
    onlyFake: true,
    mutation: { closed: (code) => (code === 4401 ? 4501 : code) },
  },
  {
    name: 'every fault reported',
    killedBy: 'names at most three faults, however many there are',
    mutation: {
      down: (envelope) =>
        envelope.error
          ? {
              ...envelope,
              error: { ...envelope.error, message: 'data.a, data.b, data.c and data.d are wrong' },
            }
          : envelope,
    },
  },
  {
    name: 'attachments fetched',
    killedBy: 'never fetches an attachment',
    mutation: {
      up: upEnvelope((envelope) => {
        for (const url of (envelope.data?.attachments ?? []) as string[]) void fetch(url).catch(() => {});
        return envelope;
      }),
    },
  },
  {
    name: 'host kept to a tenant',
    killedBy: 'carries what is said in host to every tenant',
    mutation: { down: (envelope) => (body(envelope) === 'from elsewhere' ? undefined : envelope) },
  },
  {
    name: 'presence shown to other tenants',
    killedBy: 'does not tell who is in a network of another tenant',
    mutation: forgives('presence.list', 'ERR_NOT_FOUND', { members: [], total: 0 }),
  },
  {
    name: 'presence told to everyone',
    killedBy: 'tells of a user only in the rooms that the user is in',
    mutation: {
      down(envelope, line) {
        if (envelope.type === 'presence.update') for (const other of line.others()) other.toClient(envelope);
        return envelope;
      },
    },
  },
  {
    name: 'offline as soon as a line breaks',
    killedBy: 'waits 15 s before it calls a user offline whose connection broke',
    onlyFake: true,
    mutation: {
      down: (envelope) =>
        envelope.type === 'presence.update' && envelope.data?.status === 'online'
          ? [envelope, { ...envelope, data: { ...envelope.data, status: 'offline' } }]
          : envelope,
    },
  },
  {
    name: 'an admin acts on the owner',
    killedBy: 'places an admin of a network between its owner and its moderators',
    mutation: forgives('chat.edit', 'ERR_FORBIDDEN', EDITED),
  },
  {
    name: 'flags of the deployment ignored',
    killedBy: 'lets a moderator of the deployment act everywhere',
    onlyFake: true,
    mutation: {
      up: upEnvelope((envelope, line) => {
        if (envelope.type !== 'chat.redact') return envelope;
        const error = { code: 'ERR_FORBIDDEN', message: 'no', details: {} };
        line.toClient({ type: 'error', op_id: envelope.op_id ?? '', error });
        return undefined;
      }),
    },
  },
  {
    name: 'no edit window',
    killedBy: 'lets the author edit within the edit window only, and an admin always',
    onlyFake: true,
    mutation: forgives('chat.edit', 'ERR_FORBIDDEN', EDITED),
  },
  {
    name: 'a renewed token prolongs nothing',
    killedBy: 'lets a connection live as long as the token that was got over it',
    onlyFake: true,
    mutation: {
      up: upEnvelope((envelope, line) => {
        if (envelope.type !== 'auth.refresh') return envelope;
        line.toClient({ type: 'ack', op_id: envelope.op_id ?? '', data: REFRESHED });
        return undefined;
      }),
    },
  },
  {
    name: 'a budget that starts over',
    killedBy: 'has no window of a minute with more than 100 messages',
    onlyFake: true,
    mutation: forgives('room.join', 'ERR_RATE_LIMIT', { room: 'host', status: 'joined' }),
  },
  {
    name: 'no limit for a network',
    killedBy:
      'accepts exactly 1,000 messages a minute for the room of a network, of all connections together',
    mutation: forgives('chat.send', 'ERR_RATE_LIMIT', SENT),
  },
  {
    name: 'one event of many lost',
    killedBy: 'gives 1,000 missed events, each once and in order',
    mutation: {
      down: (envelope) => ((envelope.seq ?? 1) % 500 === 0 ? undefined : envelope),
    },
  },
  {
    name: 'pings without limit',
    killedBy: 'limits presence.ping by a budget of its own',
    mutation: forgives('presence.ping', 'ERR_RATE_LIMIT', { timestamp: '2025-01-01T00:00:00Z' }),
  },
  {
    name: 'resumes without limit',
    killedBy: 'limits session.resume by a budget of its own',
    mutation: forgives('session.resume', 'ERR_RATE_LIMIT', { rooms: [] }),
  },
  {
    name: 'repeats without limit',
    killedBy: 'answers at least 200 repeats of committed operations a minute, and not without end',
    mutation: forgives('chat.send', 'ERR_RATE_LIMIT', SENT),
  },
  {
    name: 'a twin counts twice',
    killedBy: 'does not count a client twice that comes back before its old connection has gone',
    mutation: { request: (request) => ({ ...request, url: request.url.replace(/[?&]client_id=[^&]*/, '') }) },
  },
  {
    name: 'meta refused on a base connection',
    killedBy: 'takes no harm from a trace context on a base connection',
    mutation: {
      up: upEnvelope((envelope, line) => {
        if (envelope.meta === undefined) return envelope;
        const error = { code: 'ERR_INVALID_MESSAGE', message: 'meta', details: { reason: 'envelope' } };
        line.toClient({ type: 'error', op_id: envelope.op_id ?? '', error });
        return undefined;
      }),
    },
  },
  {
    name: 'a newer event before a missed one',
    killedBy: 'gives what was missed before anything newer, also while others speak',
    mutation: {
      down(envelope, { memory }) {
        if (body(envelope) === 'missed' && !memory.has('held')) {
          memory.set('held', envelope);
          return undefined;
        }
        const held = memory.get('held') as Envelope | undefined;
        if (body(envelope) !== 'newer' || held === undefined) return envelope;
        memory.set('held', undefined);
        return [envelope, held];
      },
    },
  },
  {
    name: 'a banned user resumes',
    killedBy: 'lets nobody resume a room that they were removed from',
    mutation: {
      down(envelope) {
        const rooms = envelope.data?.rooms;
        if (envelope.type !== 'ack' || !Array.isArray(rooms)) return envelope;
        return { ...envelope, data: { rooms: rooms.map((room) => ({ ...room, status: 'recovered' })) } };
      },
    },
  },
  {
    name: 'after ignored',
    killedBy: 'goes on in history after a message, each message once',
    mutation: droppedFrom('chat.history', ({ after: _, ...data }) => data),
  },
  {
    name: 'history of 100 by default',
    killedBy: 'gives 50 messages of history when no limit is named',
    mutation: droppedFrom('chat.history', (data) => ({ limit: 100, ...data })),
  },
  {
    name: 'who redacted left out',
    killedBy: 'sends every event with the fields that are published, and tells in them what happened',
    mutation: withoutField('chat.redacted', 'redacted_by'),
  },
  {
    name: 'who updated left out',
    killedBy: 'says who changed which settings of a network to what',
    mutation: withoutField('net.updated', 'updated_by'),
  },
  {
    name: 'codes of its own',
    killedBy: 'uses the published codes in messages of type error, and nowhere else',
    mutation: {
      up: remember,
      down: (envelope) =>
        envelope.error?.code === 'ERR_NOT_FOUND'
          ? { ...envelope, error: { ...envelope.error, code: 'ERR_NO_SUCH_THING' } }
          : envelope,
    },
  },
  {
    name: 'who leaves is not told',
    killedBy: 'tells the network and the user when a member leaves, and nothing after it',
    mutation: toOneOnly('member.left'),
  },
  {
    name: 'admins not told of requests to join',
    killedBy: 'tells only the owner and admins of a request to join',
    mutation: toOneOnly('request.join.pending'),
  },
];
