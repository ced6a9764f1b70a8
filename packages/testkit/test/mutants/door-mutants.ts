import { upEnvelope } from './mutant-dial.js';
import { allButTheFirst, changes, REFRESHED, reasonAs } from './mutations.js';
import { forgives, type ServerMutant } from './server-mutants.js';

function withoutOrigin({ origin: _, ...headers }: Readonly<Record<string, string>>) {
  return headers;
}

/** Faults of frames, requests and the door. */
export const DOOR_MUTANTS: readonly ServerMutant[] = [
  {
    name: 'a compressing server',
    killedBy: 'does not compress, also when a client offers to',
    mutation: { extensions: () => 'permessage-deflate' },
  },
  {
    name: 'a refusal that says something else',
    killedBy: 'answers a refused upgrade with 401 and a JSON body that does not repeat the token',
    over: 'ws',
    mutation: { refused: (refusal) => ({ ...refusal, status: 400 }) },
  },
  {
    name: 'a refusal that repeats the token',
    killedBy: 'answers a refused upgrade with 401 and a JSON body that does not repeat the token',
    over: 'ws',
    mutation: {
      refused: ({ body, ...rest }) => ({
        ...rest,
        body: JSON.stringify({ ...(JSON.parse(body) as object), message: 'no user has my-secret-token' }),
      }),
    },
  },
  {
    name: 'origins ignored',
    killedBy: 'refuses pages of a foreign origin with 403, also where v1 is offered',
    over: 'ws',
    mutation: { request: (request) => ({ ...request, headers: withoutOrigin(request.headers) }) },
  },
  {
    name: 'origins ignored where v1 is offered',
    killedBy: 'refuses pages of a foreign origin with 403, also where v1 is offered',
    over: 'ws',
    mutation: {
      request: (request) =>
        request.protocols.length > 0 ? { ...request, headers: withoutOrigin(request.headers) } : request,
    },
  },
  {
    name: 'a foreign origin told as a bad token',
    killedBy: 'refuses pages of a foreign origin with 403, also where v1 is offered',
    over: 'ws',
    mutation: { refused: (refusal) => ({ ...refusal, status: 401 }) },
  },
  {
    name: 'silent sockets kept',
    killedBy: 'ends sockets that complete no upgrade after 10 s, be they silent or halfway',
    onlyFake: true,
    over: 'ws',
    mutation: { ends: (text) => text !== '' },
  },
  {
    name: 'half a request kept',
    killedBy: 'ends sockets that complete no upgrade after 10 s, be they silent or halfway',
    onlyFake: true,
    over: 'ws',
    mutation: { ends: (text) => text === '' },
  },
  {
    name: 'a slow consumer kept',
    killedBy: 'cuts off a client that stops reading, and keeps nothing from the others',
    over: 'reference',
    mutation: { pauses: false },
  },
  {
    name: 'a message withheld from all but the slow consumer',
    killedBy: 'cuts off a client that stops reading, and keeps nothing from the others',
    over: 'reference',
    mutation: {
      down(envelope, { shared }) {
        if (envelope.type !== 'chat.message') return envelope;
        const count = Number(shared.get('count') ?? 0) + 1;
        shared.set('count', count);
        return count === 300 ? undefined : envelope;
      },
    },
  },
  {
    name: 'unknown fields refused',
    killedBy: 'ignores unknown fields beside and inside data',
    mutation: {
      up: upEnvelope((envelope) => ('future' in envelope ? { ...envelope, op_id: 7 as never } : envelope)),
    },
  },
  {
    name: 'no envelope told as no JSON',
    killedBy: 'answers what is no envelope with the reason envelope, echoing a readable op_id',
    mutation: reasonAs('envelope', 'not_json'),
  },
  {
    name: 'any op_id taken',
    killedBy: 'refuses a missing, empty, wrong or over-long op_id, and takes one of 128',
    mutation: { up: (text) => text.replace('"op_id":"",', '"op_id":"empty",') },
  },
  {
    name: 'deep nesting taken',
    killedBy: 'refuses nesting over 32 levels and objects with more than 256 keys',
    mutation: { up: (text) => (text.includes('"op_id":"deep"') ? text.replace(/\{"a":.*/, '{}}') : text) },
  },
  {
    name: 'dies of brackets',
    killedBy: 'survives 40 KB of opening brackets, without keeping others waiting',
    mutation: {
      up(text, line) {
        if (!text.startsWith('[[[')) return text;
        line.end(1006);
        return undefined;
      },
    },
  },
  {
    name: 'a __proto__ that counts',
    killedBy: 'lets no __proto__ reach anything',
    mutation: { up: (text) => text.replace('"__proto__":{"body":"polluted"}', '"body":"polluted"') },
  },
  {
    name: 'a pong without a time',
    killedBy: 'answers presence.ping with presence.pong and a time',
    mutation: changes(
      ({ type }) => type === 'presence.pong',
      () => ({}),
    ),
  },
  {
    name: 'an op_id trimmed',
    killedBy: 'echoes the op_id unchanged, whatever characters it has',
    mutation: {
      down: (envelope) => (envelope.op_id ? { ...envelope, op_id: envelope.op_id.trim() } : envelope),
    },
  },
  {
    name: 'an error without words',
    killedBy: 'gives error envelopes a code, a message and details',
    mutation: {
      down: (envelope) =>
        envelope.error ? { ...envelope, error: { ...envelope.error, message: '' } } : envelope,
    },
  },
  {
    name: 'no token taken from the query',
    killedBy: 'takes the token from the header and from the query',
    mutation: { request: (request) => ({ ...request, url: request.url.replace(/token=[^&]*/, 'token=x') }) },
  },
  {
    name: 'no token taken from a subprotocol',
    killedBy: 'takes the token from a subprotocol and never selects that one',
    mutation: {
      request: (request) => ({
        ...request,
        protocols: request.protocols.filter((one) => !one.startsWith('goconnect.bearer.')),
      }),
    },
  },
  {
    name: 'v1 never selected',
    killedBy: 'selects goconnect.v1 when it is offered',
    mutation: { protocol: allButTheFirst('') },
  },
  {
    name: 'more connections than allowed',
    killedBy: 'on v1 completes the upgrade of the sixth connection and closes it with 4429',
    mutation: { closed: (code) => (code === 4429 ? 4501 : code) },
  },
  {
    name: 'requests of v1 known on base connections',
    killedBy: 'does not know the requests of v1 on a base connection',
    mutation: forgives('session.resume', 'ERR_INVALID_MESSAGE', { rooms: [] }),
  },
  {
    name: 'a used refresh token used again',
    killedBy: 'revokes the family of a refresh token that is used twice, and closes its connections',
    mutation: { closed: (code) => (code === 4401 ? 1000 : code) },
  },
  {
    name: 'anybody refreshes',
    killedBy: "refuses somebody else's refresh token",
    mutation: forgives('auth.refresh', 'ERR_UNAUTHORIZED', REFRESHED),
  },
  {
    name: 'pings count as messages',
    killedBy: 'lets presence.ping and repeats pass when the minute is used up',
    mutation: {
      up: upEnvelope((envelope, { memory }) => {
        const count = Number(memory.get('count') ?? 0) + 1;
        memory.set('count', count);
        return count > 100 && envelope.type === 'presence.ping'
          ? { ...envelope, type: 'room.join', data: { room: 'host' } }
          : envelope;
      }),
    },
  },
  {
    name: 'one budget for all connections',
    killedBy: 'gives each connection its own budget',
    mutation: {
      up: upEnvelope((envelope, line) => {
        const count = Number(line.shared.get('count') ?? 0) + 1;
        line.shared.set('count', count);
        if (count <= 120 || envelope.type !== 'room.join') return envelope;
        const error = { code: 'ERR_RATE_LIMIT', message: 'no', details: { retry_after_ms: 1 } };
        line.toClient({ type: 'error', op_id: envelope.op_id ?? '', error });
        return undefined;
      }),
    },
  },
  {
    name: 'a time to come back that is too early',
    killedBy: 'accepts a retry at the time that it named',
    onlyFake: true,
    mutation: {
      down: (envelope) =>
        envelope.error?.code === 'ERR_RATE_LIMIT'
          ? { ...envelope, error: { ...envelope.error, details: { retry_after_ms: 1 } } }
          : envelope,
    },
  },
];
