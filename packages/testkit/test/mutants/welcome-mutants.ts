import { type Envelope, type Mutation, upEnvelope } from './mutant-dial.js';
import { events, mutantsOf } from './table.js';

type Data = Readonly<Record<string, unknown>>;
const welcome = (change: Data | ((data: Data) => Data)) => events('session.welcome', change);
const inside = (group: string, change: Data) =>
  welcome((data) => ({ ...data, [group]: { ...(data[group] as Data), ...change } }));

const traced: Mutation['up'] = upEnvelope((envelope, { memory }) => {
  memory.set(envelope.op_id ?? '', envelope.meta);
  return envelope;
});

/** A connection that names a client cuts off everyone else's who named it. */
function replacesAnyone(): Mutation {
  let named: string | null = null;
  return {
    request(request) {
      named = new URL(request.url).searchParams.get('client_id');
      return request;
    },
    down(envelope, line) {
      if (envelope.type !== 'session.welcome' || named === null) return envelope;
      for (const other of line.others()) if (other.memory.get('client') === named) other.end(4409);
      line.memory.set('client', named);
      return envelope;
    },
  };
}

/** On a base connection requests of v1 are looked into before their type is. */
const looksFirst: Mutation = {
  down: (envelope, { memory }) =>
    envelope.error?.details.reason === 'unknown_type' && !memory.has('v1')
      ? { ...envelope, error: { ...envelope.error, details: { reason: 'validation', field: 'data.scope' } } }
      : envelope,
};

/** The sixth connection that a user ever opens is one too many. */
const fiveForGood: Mutation = {
  down(envelope, line) {
    if (envelope.type !== 'session.welcome') return envelope;
    const key = `connections of ${String(envelope.data?.user_id)}`;
    const count = Number(line.shared.get(key) ?? 0) + 1;
    line.shared.set(key, count);
    return count > 5 ? void line.end(4429) : envelope;
  },
};

const onErrors = (change: (envelope: Envelope) => Envelope): Mutation => ({
  down: (envelope) => (envelope.error ? change(envelope) : envelope),
});

/** Faults of the welcome, and of what separates v1 from the base contract. */
export const WELCOME_MUTANTS = mutantsOf({
  'says in the welcome what then holds: limits, heartbeat, times, a session of its own': [
    ['a heartbeat of zero', 'B2/fields', inside('heartbeat', { ping_period_ms: 0, pong_wait_ms: 0 })],
    [
      'a heartbeat that ends before it began',
      'B2/fields',
      inside('heartbeat', { ping_period_ms: 60_000, pong_wait_ms: 54_000 }),
    ],
    [
      'token_expires_in in milliseconds',
      'B2/fields',
      welcome((data) => ({ ...data, token_expires_in: Number(data.token_expires_in) * 1_000 })),
    ],
    ['token_expires_in zero', 'B2/fields', welcome({ token_expires_in: 0 })],
    ['server_time no date', 'B2/fields', welcome({ server_time: 'x' })],
    ['one session_id for all', 'B2/fields', welcome({ session_id: 's' })],
    ['operations kept for no time', 'B2/fields', welcome({ dedupe_window_ms: 0 })],
    ['events kept for no time', 'B2/fields', inside('resume', { window_ms: 0 })],
    ['no events kept', 'B2/fields', inside('resume', { max_events_per_room: 0 })],
    ['another limit named', 'B2/fields', inside('limits', { messages_per_minute: 1_000 })],
    ['another limit of a network named', 'B2/fields', inside('limits', { network_messages_per_minute: 100 })],
  ],
  'takes a frame of the size that the welcome names, and none larger': [
    ['a size too small for a message', 'B2/fields', inside('limits', { max_message_bytes: 64 })],
    [
      'a size that is not taken',
      'A1.2/too-big',
      { up: (text, line) => (text.length > 100_000 ? void line.end(1009) : text) },
    ],
    ['a size larger than what is taken', 'B2/fields', inside('limits', { max_message_bytes: 8 * 1_048_576 })],
    ['a size smaller than what is taken', 'B2/fields', inside('limits', { max_message_bytes: 100_000 })],
  ],
  'does not replace the connection of another user, whatever client it names': [
    ['a client_id that is taken from others', 'A6.5/twin', replacesAnyone()],
  ],
  'refuses the sixth connection of a user, and takes it when one has gone': [
    ['a place that is never free again', 'A6.5/freed', fiveForGood],
  ],
  'answers the sixth connection with 429 where v1 is not spoken': [
    [
      'the sixth cut off without a word',
      'A5.2/429',
      { refused: (refusal) => ({ ...refusal, status: undefined, body: '' }) },
      'ws',
    ],
    ['the sixth forbidden', 'A5.2/429', { refused: (refusal) => ({ ...refusal, status: 403 }) }, 'ws'],
    [
      'the sixth told in plain text',
      'A5.2/body',
      { refused: (refusal) => ({ ...refusal, body: 'too many' }) },
      'ws',
    ],
  ],
  'on v1 completes the upgrade of the sixth connection and closes it with 4429': [
    ['the sixth on v1 refused with a status', 'B1.3/close-code', { refusesWith: 429 }],
    ['the sixth on v1 told to stay away', 'A7/4429', { closed: (code) => (code === 4429 ? 4501 : code) }],
  ],
  'takes a request of v1 for an unknown type on a base connection, whatever its data': [
    ['data looked at before the type', 'B1.1/base', looksFirst],
  ],
  'copies the trace context of a request to its error as well': [
    ['errors without a trace context', 'B6/reply', onErrors(({ meta: _, ...envelope }) => envelope)],
  ],
  'takes no harm from a trace context on a base connection': [
    [
      'a trace context in base replies',
      'B6/ignored',
      {
        up: traced,
        down: (envelope, { memory }) => ({ ...envelope, meta: memory.get(envelope.op_id ?? '') }),
      },
    ],
  ],
});
