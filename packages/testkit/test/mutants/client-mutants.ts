import { driveReferenceClient } from '../reference-client.js';
import { type ClientMutant, driver, forEver, heardEnvelope, onSocket, parsed } from './client-faults.js';

const STAY = 'stays away after every other close code, and says that it failed';
const AWAY = 'hears everything that was said while it was away, once and in order, before anything newer';

/** Faults against what a client has to do before all else. */
export const CLIENT_MUTANTS: readonly ClientMutant[] = [
  {
    name: 'takes its own word for an answer of the server',
    killedBy: 'notices within 90 s that it hears but is not heard, however much it hears',
    create: onSocket(() => ({
      sent(envelope, reply) {
        if (envelope.type !== 'presence.ping') return envelope;
        reply({ ...envelope, type: 'presence.pong', data: { timestamp: '2025-01-01T00:00:00Z' } });
        return undefined;
      },
    })),
  },
  {
    name: 'backoff without jitter',
    killedBy: 'comes back with jittered delays that differ from client to client, and never without a pause',
    create: (setup) => driveReferenceClient({ ...setup, random: () => 0.5 }),
  },
  {
    name: 'backoff that does not grow',
    killedBy: 'backs off: later waits are longer than the first',
    create: (setup) => driveReferenceClient({ ...setup, random: () => 0 }),
  },
  {
    name: 'comes back after a stay-away code',
    killedBy: STAY,
    create: onSocket(() => ({ closed: (code) => (code === 4501 ? 4400 : code) })),
  },
  {
    name: 'comes back after 1008',
    killedBy: STAY,
    create: onSocket(() => ({ closed: (code) => (code === 1008 ? 1006 : code) })),
  },
  {
    name: 'stays away after a restart',
    killedBy: 'comes back after every close code of that range, and after a broken connection',
    create: onSocket(() => ({ closed: (code) => (code === 1012 ? 1008 : code) })),
  },
  {
    name: 'resends with a new op_id',
    killedBy:
      'repeats an unanswered operation towards a v1 server with the same op_id: one effect, one outcome',
    create: onSocket(() => {
      const seen = new Set<string>();
      const renamed = new Map<string, string>();
      return {
        sent: (envelope) => {
          const opId = envelope.op_id ?? '';
          if (envelope.type !== 'chat.send' || !seen.has(opId)) {
            seen.add(opId);
            return envelope;
          }
          renamed.set(`again-${opId}`, opId);
          return { ...envelope, op_id: `again-${opId}` };
        },
        heard: heardEnvelope((envelope) => ({
          ...envelope,
          ...(renamed.has(envelope.op_id ?? '') && { op_id: renamed.get(envelope.op_id ?? '') ?? '' }),
        })),
      };
    }),
  },
  {
    name: 'repeats towards a server without v1',
    killedBy: 'never repeats an operation by itself towards a server without v1: the outcome is unknown',
    create: (setup) => driveReferenceClient(setup, { resend: 'always' }),
  },
  {
    name: 'reads only the first envelope of a frame',
    killedBy: 'reads several envelopes in one frame, in order',
    create: onSocket(() => ({ heard: (text) => [text.split('\n')[0] ?? ''] })),
  },
  {
    name: 'closes on an unknown type',
    killedBy: 'survives unknown types, unknown fields and unknown words',
    create: onSocket(() => ({
      heard: (text, close) => {
        if (text.includes('call.offer')) close();
        return [text];
      },
    })),
  },
  {
    name: 'wants every field of an event',
    killedBy: 'accepts events from which the original server leaves out what is empty',
    create: onSocket(() => ({
      heard: heardEnvelope((envelope) =>
        envelope.type === 'chat.message' && envelope.data?.redacted === undefined ? undefined : envelope,
      ),
    })),
  },
  {
    name: 'closes on garbage',
    killedBy: 'survives garbage, binary frames and replies that nobody asked for',
    create: onSocket(() => ({
      heard: (text, close) => {
        if (parsed(text) === undefined) close();
        return [text];
      },
    })),
  },
  {
    name: 'takes any ack for its own',
    killedBy: 'settles once when it is answered twice, and not by the answer to another',
    create: onSocket(() => {
      let last = '';
      return {
        sent: (envelope) => {
          last = envelope.op_id ?? last;
          return envelope;
        },
        heard: heardEnvelope((envelope) =>
          envelope.type === 'ack' ? { ...envelope, op_id: last } : envelope,
        ),
      };
    }),
  },
  {
    name: 'uses one op_id for everything',
    killedBy: 'gives each operation an op_id of its own',
    create: onSocket(() => {
      const waiting: string[] = [];
      return {
        sent: (envelope) => {
          if (envelope.type !== 'chat.send') return envelope;
          waiting.push(envelope.op_id ?? '');
          return { ...envelope, op_id: 'op-1' };
        },
        heard: heardEnvelope((envelope) =>
          envelope.op_id === 'op-1'
            ? {
                ...envelope,
                type: 'ack',
                data: { message_id: 'm', status: 'sent' },
                op_id: waiting.shift() ?? '',
              }
            : envelope,
        ),
      };
    }),
  },
  {
    name: 'does not resume',
    killedBy: AWAY,
    create: onSocket(() => ({
      sent: (envelope, reply) => {
        if (envelope.type !== 'session.resume') return envelope;
        const positions = (envelope.data?.positions ?? []) as readonly object[];
        reply({
          type: 'ack',
          op_id: envelope.op_id ?? '',
          data: { rooms: positions.map((position) => ({ ...position, status: 'recovered' })) },
        });
        return undefined;
      },
    })),
  },
  {
    name: 'ignores the places of events',
    killedBy: 'delivers an event once that the network delivers twice',
    create: onSocket(() => ({ heard: heardEnvelope(({ room: _, seq: __, ...envelope }) => envelope) })),
  },
  {
    name: 'keeps quiet about a gap',
    killedBy: 'tells the application of a gap, and goes on from where the room stands',
    create: driver(() => ({ gaps: [] })),
  },
  {
    name: 'takes every epoch for the one it knows',
    killedBy: 'tells the application of a gap when the log itself was lost',
    create: onSocket(() => {
      let first: unknown;
      return {
        heard: heardEnvelope((envelope) => {
          if (envelope.type !== 'session.welcome') return envelope;
          first ??= envelope.data?.rooms;
          return { ...envelope, data: { ...envelope.data, rooms: first } };
        }),
        sent: (envelope, reply) => {
          if (envelope.type !== 'session.resume') return envelope;
          const positions = (envelope.data?.positions ?? []) as readonly object[];
          reply({
            type: 'ack',
            op_id: envelope.op_id ?? '',
            data: { rooms: positions.map((position) => ({ ...position, status: 'recovered' })) },
          });
          return undefined;
        },
      };
    }),
  },
  {
    name: 'believes in every connection',
    killedBy: 'notices a dead connection within 35 s while idle',
    create: onSocket(() => ({
      sent: (envelope, reply) => {
        if (envelope.type === 'presence.ping')
          reply({
            type: 'presence.pong',
            op_id: envelope.op_id ?? '',
            data: { timestamp: '2025-01-01T00:00:00Z' },
          });
        return envelope;
      },
    })),
  },
  {
    name: 'ignores a drain',
    killedBy: 'opens its next connection at the time it is told, and only then lets the old one go',
    create: onSocket(() => ({
      heard: heardEnvelope((envelope) => (envelope.type === 'session.draining' ? undefined : envelope)),
    })),
  },
  {
    name: 'never renews its token',
    killedBy: 'renews its token over the socket before it runs out',
    create: onSocket(() => ({
      sent: (envelope) => (envelope.type === 'auth.refresh' ? undefined : envelope),
    })),
  },
  {
    name: 'asks for a token twice',
    killedBy: 'asks for one fresh token after 4401 and comes back with it',
    create: (setup) =>
      driveReferenceClient({
        ...setup,
        token: async () => {
          await setup.token();
          return setup.token();
        },
      }),
  },
  {
    name: 'trusts its own clock for the life of a token',
    killedBy: 'measures the life of a token from its receipt, however wrong its own clock is',
    create: onSocket(() => ({
      heard: heardEnvelope((envelope) =>
        envelope.type === 'session.welcome'
          ? { ...envelope, data: { ...envelope.data, token_expires_in: 30 } }
          : envelope,
      ),
    })),
  },
  {
    name: 'queues presence.ping',
    killedBy: 'does not queue presence.ping',
    create: driver((client, { clock }) => ({
      ping: async () => {
        for (;;) {
          const outcome = await client.ping();
          if (outcome.kind === 'done') return outcome;
          await new Promise<void>((resolve) => void clock.setTimeout(resolve, 500));
        }
      },
    })),
  },
  {
    name: 'does not wait as long as a limit says',
    killedBy: 'waits as long as a rate limit says, and succeeds then',
    create: onSocket(() => ({
      heard: heardEnvelope((envelope) =>
        envelope.error
          ? { ...envelope, error: { ...envelope.error, details: { retry_after_ms: 100 } } }
          : envelope,
      ),
    })),
  },
  {
    name: 'sends nothing that waited',
    killedBy: 'queues messages while it is away and sends them in order when it is back',
    create: (setup) => driveReferenceClient(setup, { outbox: { ttlMs: 1_000 } }),
  },
  {
    name: 'waits for ever for a handshake',
    killedBy: 'gives up a handshake that never ends, and tries again',
    create: (setup) => driveReferenceClient(setup, { connectTimeoutMs: 86_400_000 }),
  },
  {
    name: 'waits for ever for an answer',
    killedBy: 'ends a ping that nothing ever answers',
    create: forEver,
  },
  {
    name: 'goes on after it was closed',
    killedBy: 'leaves nothing behind when it is closed, from any state',
    create: driver(() => ({ close: async () => {} })),
  },
];
