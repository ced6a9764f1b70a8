import { type Envelope, type Line, type Mutation, upEnvelope } from './mutant-dial.js';
import { EDITED } from './mutations.js';

export interface ServerMutant {
  readonly name: string;
  /** The case that has to notice. */
  readonly killedBy: string;
  readonly mutation: Mutation;
  /** The clause that it breaks, which has to be one that the case is about, or that its failure names. */
  readonly clause?: string;
  /** The reference server cannot play this case in the long form of the proof, which has no virtual time. */
  readonly onlyFake?: boolean;
  /**
   * Memory hides what the case looks at: the short form plants it in front of a fake on a real port, or of the reference
   * server where the fake does not do it either.
   */
  readonly over?: 'ws' | 'reference';
}

const isReply = ({ type, op_id }: Envelope) =>
  op_id !== undefined && (type === 'ack' || type === 'presence.pong');
const without = <K extends keyof Envelope>(envelope: Envelope, key: K): Envelope => ({
  ...envelope,
  [key]: undefined,
});
/** Remembers what was asked, so that an answer can be forged. */
export const remember: NonNullable<Mutation['up']> = upEnvelope((envelope, { memory }) => {
  if (envelope.op_id !== undefined) memory.set(envelope.op_id, envelope);
  return envelope;
});
const askedType = ({ op_id = '' }: Envelope, { memory }: Line) =>
  (memory.get(op_id) as Envelope | undefined)?.type;
export const forgives = (type: string, code: string, data: Record<string, unknown>): Mutation => ({
  up: remember,
  down: (envelope, line) =>
    envelope.error?.code === code && askedType(envelope, line) === type
      ? { type: 'ack', op_id: envelope.op_id ?? '', data }
      : envelope,
});
export const body = ({ data }: Envelope) => (typeof data?.body === 'string' ? data.body : '');

const ONCE = 'answers every request of the base contract exactly once, with its op_id';
const LENGTH = 'takes bodies of 1 to 4096 code points, and refuses 0 and 4097';
const HUNDRED =
  'accepts exactly 100 messages a minute of one connection and refuses the others with a time to come back';
const MISSED = 'gives every missed event once, in order, and then the ack';
const TO_ALL = 'puts every connection into host, and carries a message to everyone in it once';

export const SERVER_MUTANTS: readonly ServerMutant[] = [
  {
    name: 'op_id not echoed',
    killedBy: ONCE,
    mutation: { down: (envelope) => (isReply(envelope) ? without(envelope, 'op_id') : envelope) },
  },
  {
    name: 'ack twice',
    killedBy: ONCE,
    mutation: { down: (envelope) => (envelope.type === 'ack' ? [envelope, envelope] : envelope) },
  },
  {
    name: 'never answers errors',
    killedBy: 'answers a refused request exactly once as well',
    mutation: { down: (envelope) => (envelope.error ? undefined : envelope) },
  },
  {
    name: 'ack before commit',
    killedBy: 'has committed what it acknowledges: another connection reads it at once',
    mutation: {
      up: upEnvelope((envelope, line) => {
        if (envelope.type !== 'chat.send') return envelope;
        line.toClient({
          type: 'ack',
          op_id: envelope.op_id ?? '',
          data: { message_id: `early-${envelope.op_id}`, status: 'sent' },
        });
        return undefined;
      }),
    },
  },
  {
    name: 'broadcast twice',
    killedBy: TO_ALL,
    mutation: { down: (envelope) => (envelope.type === 'chat.message' ? [envelope, envelope] : envelope) },
  },
  {
    name: 'broadcast to the sender only',
    killedBy: TO_ALL,
    mutation: {
      up: upEnvelope((envelope, { memory }) => {
        memory.set(body(envelope), true);
        return envelope;
      }),
      down: (envelope, { memory }) =>
        envelope.type === 'chat.message' && !memory.has(body(envelope)) ? undefined : envelope,
    },
  },
  {
    name: 'membership not checked for send',
    killedBy: 'lets only members send to a network',
    mutation: forgives('chat.send', 'ERR_FORBIDDEN', { message_id: 'm', status: 'sent' }),
  },
  {
    name: 'membership not checked for join',
    killedBy:
      'forbids to join a public network one is no member of, and does not know a private or absent one',
    mutation: forgives('room.join', 'ERR_FORBIDDEN', { room: 'r', status: 'joined' }),
  },
  {
    name: 'private networks told apart from absent ones',
    killedBy:
      'forbids to join a public network one is no member of, and does not know a private or absent one',
    mutation: {
      down: (envelope) =>
        envelope.error?.code === 'ERR_NOT_FOUND'
          ? { ...envelope, error: { ...envelope.error, code: 'ERR_FORBIDDEN' } }
          : envelope,
    },
  },
  {
    name: 'order swapped',
    killedBy: 'lets two sends of one connection take effect in the order received',
    mutation: {
      down(envelope, { memory }) {
        if (envelope.type !== 'chat.message') return envelope;
        const held = memory.get('held') as Envelope | undefined;
        memory.set('held', held ? undefined : envelope);
        return held ? [envelope, held] : undefined;
      },
    },
  },
  {
    name: 'epoch kept after the log was lost',
    killedBy: 'says gap for an epoch that it does not know, and never claims to have recovered it',
    mutation: {
      down(envelope) {
        const rooms = envelope.data?.rooms;
        if (envelope.type !== 'ack' || !Array.isArray(rooms)) return envelope;
        return { ...envelope, data: { rooms: rooms.map((room) => ({ ...room, status: 'recovered' })) } };
      },
    },
  },
  {
    name: '4097 characters accepted',
    killedBy: LENGTH,
    mutation: {
      up: upEnvelope((envelope) =>
        envelope.type === 'chat.send'
          ? { ...envelope, data: { ...envelope.data, body: [...body(envelope)].slice(0, 4096).join('') } }
          : envelope,
      ),
    },
  },
  {
    name: 'length counted in UTF-16 units',
    killedBy: LENGTH,
    mutation: {
      up: upEnvelope((envelope) =>
        body(envelope).length > 4096
          ? { ...envelope, data: { ...envelope.data, body: 'x'.repeat(4097) } }
          : envelope,
      ),
    },
  },
  {
    name: 'NUL stripped instead of refused',
    killedBy: 'refuses bodies with NUL or half a surrogate pair',
    mutation: { up: (text) => text.replaceAll('\\u0000', '') },
  },
  {
    name: 'unknown types ignored',
    killedBy: 'answers an unknown type with unknown_type, also the names that every object has',
    mutation: {
      down: (envelope) => (envelope.error?.details.reason === 'unknown_type' ? undefined : envelope),
    },
  },
  {
    name: 'malformed JSON closes the connection',
    killedBy: 'answers malformed JSON with not_json and stays open',
    mutation: {
      down(envelope, line) {
        if (envelope.error?.details.reason !== 'not_json') return envelope;
        line.end(1007);
        return undefined;
      },
    },
  },
  {
    name: 'invalid messages never close',
    killedBy: 'closes with 4400 after more than 20 invalid messages within 10 s, and not after 20',
    mutation: {
      up: (text, { memory }) =>
        text === '{' && Number(memory.set('n', Number(memory.get('n') ?? 0) + 1).get('n')) > 20
          ? undefined
          : text,
    },
  },
  {
    name: 'binary frames ignored',
    killedBy: 'closes with 1003 after a binary frame',
    mutation: { binary: () => false },
  },
  {
    name: 'huge frames ignored',
    killedBy: 'closes with 1009 after a frame that is too big',
    mutation: { up: (text) => (text.length > 524_288 ? undefined : text) },
  },
  {
    name: 'two envelopes in a frame',
    killedBy: 'sends one JSON envelope per frame',
    mutation: {
      down: (envelope) =>
        envelope.type === 'ack' ? `${JSON.stringify(envelope)}\n${JSON.stringify(envelope)}` : envelope,
    },
  },
  {
    name: 'the wrong field named',
    killedBy: 'names the first wrong field of data',
    mutation: {
      down: (envelope) =>
        envelope.error
          ? {
              ...envelope,
              error: { ...envelope.error, details: { ...envelope.error.details, field: 'data' } },
            }
          : envelope,
    },
  },
  {
    name: 'errors that repeat the input',
    killedBy: 'keeps its errors short, however large the wrong input is',
    mutation: {
      down: (envelope) =>
        envelope.error
          ? { ...envelope, error: { ...envelope.error, message: 'x'.repeat(50_000) } }
          : envelope,
    },
  },
  {
    name: 'no rate limit',
    killedBy: HUNDRED,
    mutation: forgives('room.join', 'ERR_RATE_LIMIT', { room: 'host', status: 'joined' }),
  },
  {
    name: 'rate limit without a time',
    killedBy: HUNDRED,
    mutation: {
      down: (envelope) =>
        envelope.error?.code === 'ERR_RATE_LIMIT'
          ? { ...envelope, error: { ...envelope.error, details: {} } }
          : envelope,
    },
  },
  {
    name: 'the limit closes the connection',
    killedBy: HUNDRED,
    mutation: {
      down: (envelope, line) => (envelope.error?.code === 'ERR_RATE_LIMIT' ? void line.end(4429) : envelope),
    },
  },
  {
    name: 'client_id ignored',
    killedBy: 'lets a newer connection of the same client replace the older one',
    mutation: { request: (request) => ({ ...request, url: request.url.replace(/[?&]client_id=[^&]*/, '') }) },
  },
  {
    name: 'a bad token closed as an expired one',
    killedBy: 'on v1 completes the upgrade and says by close code that the token is no good',
    mutation: { closed: (code) => (code === 4501 ? 4401 : code) },
  },
  {
    name: 'no welcome',
    killedBy: 'says welcome first, and only once, with everything in it',
    mutation: { down: (envelope) => (envelope.type === 'session.welcome' ? undefined : envelope) },
  },
  {
    name: 'places that skip',
    killedBy: "numbers a room's events by exactly one, the same for everyone",
    mutation: {
      down: (envelope) => (envelope.seq === undefined ? envelope : { ...envelope, seq: envelope.seq * 2 }),
    },
  },
  {
    name: 'join without a position',
    killedBy: 'tells the position of a room that never had an event, by welcome and by join',
    mutation: {
      down: (envelope) =>
        envelope.data?.status === 'joined'
          ? { ...envelope, data: { room: envelope.data.room, status: 'joined' } }
          : envelope,
    },
  },
  {
    name: 'resume repeats events',
    killedBy: MISSED,
    mutation: { down: (envelope) => (envelope.seq === undefined ? envelope : [envelope, envelope]) },
  },
  {
    name: 'resume acks first',
    killedBy: MISSED,
    mutation: {
      up: remember,
      down(envelope, { memory }) {
        if (Array.isArray(envelope.data?.rooms) && envelope.type === 'ack')
          return [envelope, ...((memory.get('held') ?? []) as Envelope[])];
        if (envelope.seq === undefined) return envelope;
        memory.set('held', [...((memory.get('held') ?? []) as Envelope[]), envelope]);
        return undefined;
      },
    },
  },
  {
    name: 'resume drops the oldest event',
    killedBy: MISSED,
    mutation: { down: (envelope) => (body(envelope) === '1' ? undefined : envelope) },
  },
  {
    name: 'op_id no idempotency key',
    killedBy: 'gives a repeat on the same connection the same ack and no second effect',
    mutation: {
      up: upEnvelope((envelope, { memory }) => {
        if (envelope.type !== 'chat.send') return envelope;
        const renamed = `renamed-${Math.random()}`;
        memory.set(renamed, envelope.op_id);
        return { ...envelope, op_id: renamed };
      }),
      down: (envelope, { memory }) =>
        memory.has(envelope.op_id ?? '')
          ? { ...envelope, op_id: String(memory.get(envelope.op_id ?? '')) }
          : envelope,
    },
  },
  {
    name: 'an op_id used for other data accepted',
    killedBy: 'refuses the same op_id with other data',
    mutation: {
      down: (envelope) =>
        envelope.error?.details.reason === 'op_id_reused'
          ? { type: 'ack', op_id: envelope.op_id ?? '', data: { message_id: 'm', status: 'sent' } }
          : envelope,
    },
  },
  {
    name: 'leaving a room has no effect',
    killedBy: 'sends nothing of a room to a connection that left it, and again after it joined',
    mutation: {
      up: upEnvelope((envelope, line) => {
        if (envelope.type !== 'room.leave') return envelope;
        line.toClient({
          type: 'ack',
          op_id: envelope.op_id ?? '',
          data: { ...envelope.data, status: 'left' },
        });
        return undefined;
      }),
    },
  },
  {
    name: 'presence flickers',
    killedBy: 'tells of a user once: online with the first connection, offline after the last clean close',
    mutation: { down: (envelope) => (envelope.type === 'presence.update' ? [envelope, envelope] : envelope) },
  },
  {
    name: 'a kicked user still hears',
    killedBy: 'tells the network and the user of a kick, then of the leaving, and nothing after it',
    mutation: {
      down(envelope, line) {
        if (envelope.type === 'admin.kick') line.memory.set('heard a kick', true);
        if (envelope.type === 'chat.message')
          for (const other of line.others()) if (other.memory.has('heard a kick')) other.toClient(envelope);
        return envelope;
      },
    },
  },
  {
    name: 'requests to join told to everyone',
    killedBy: 'tells only the owner and admins of a request to join',
    mutation: {
      down(envelope, line) {
        if (envelope.type === 'request.join.pending')
          for (const other of line.others()) other.toClient(envelope);
        return envelope;
      },
    },
  },
  {
    name: 'anyone may redact',
    killedBy: 'lets nobody but the author or an admin edit',
    mutation: forgives('chat.redact', 'ERR_FORBIDDEN', {
      message_id: 'm',
      status: 'redacted',
      redaction_mask: 'x',
    }),
  },
  {
    name: 'a deleted message can be edited',
    killedBy: 'lets nobody edit a deleted or redacted message',
    mutation: forgives('chat.edit', 'ERR_FORBIDDEN', EDITED),
  },
  {
    name: 'history shows what was deleted',
    killedBy:
      'empties a softly deleted body, removes a hard deleted message and masks a redacted one, for readers of history',
    mutation: {
      down(envelope, { shared }) {
        if (envelope.type === 'chat.message') shared.set(String(envelope.data?.id), body(envelope));
        const messages = envelope.data?.messages;
        if (!Array.isArray(messages)) return envelope;
        return {
          ...envelope,
          data: {
            ...envelope.data,
            messages: messages.map((message) => ({
              ...message,
              body: shared.get(message.id) ?? message.body,
            })),
          },
        };
      },
    },
  },
  {
    name: 'the trace context is dropped',
    killedBy: 'copies the trace context of a request to its reply and to the event that it causes',
    mutation: { down: (envelope) => without(envelope, 'meta') },
  },
  {
    name: 'refresh tokens do not rotate',
    killedBy: 'rotates refresh tokens, and gives the same pair to the same op_id again',
    mutation: {
      up: remember,
      down(envelope, { memory }) {
        const asked = memory.get(envelope.op_id ?? '') as Envelope | undefined;
        return asked?.type === 'auth.refresh' && !envelope.error
          ? { ...envelope, data: { ...envelope.data, refresh_token: asked.data?.refresh_token } }
          : envelope;
      },
    },
  },
];

/** Faults of the door; they need a good token in hand. */
export const doorMutants = (goodToken: string): readonly ServerMutant[] => [
  {
    name: 'token not checked',
    killedBy: 'refuses an upgrade without a token, and with a bad one',
    mutation: {
      request: (request) => ({
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${goodToken}` },
      }),
    },
  },
  {
    name: 'kind of token not checked',
    killedBy: 'refuses a refresh token as an access token',
    mutation: {
      request: (request) => ({
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${goodToken}` },
      }),
    },
  },
  {
    name: 'a sixth connection taken',
    killedBy: 'refuses the sixth connection of a user, and takes it when one has gone',
    clause: 'A6.5/five',
    mutation: {
      request: (request) =>
        request.protocols.length === 0
          ? { ...request, headers: { ...request.headers, authorization: `Bearer ${goodToken}` } }
          : request,
    },
  },
  {
    name: 'base clients get the session extension',
    killedBy: 'speaks the base contract to a client that does not offer v1',
    mutation: {
      request: (request) => ({
        ...request,
        protocols: ['goconnect.v1', ...request.protocols.filter((one) => one !== 'goconnect.v1')],
      }),
    },
  },
];
