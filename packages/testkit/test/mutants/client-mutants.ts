import type { ClientSetup, ClientUnderTest } from '../../src/index.js';
import { SocketCloseEvent } from '../../src/network/socket-events.js';
import { driveReferenceClient } from '../reference-client.js';
import { type Envelope, upEnvelope } from './mutant-dial.js';

export interface ClientMutant {
  readonly name: string;
  readonly killedBy: string;
  readonly create: (setup: ClientSetup) => ClientUnderTest;
}

interface SocketHooks {
  /** What is sent in place of `envelope`; undefined: nothing. */
  readonly sent?: (envelope: Envelope, reply: (envelope: Envelope) => void) => Envelope | undefined;
  /** Frames that the client sees in place of `text`. */
  readonly heard?: (text: string, close: () => void) => readonly string[];
  readonly closed?: (code: number) => number;
  readonly reason?: (text: string) => string;
}

/** The client on a WebSocket that lies. */
function onSocket(hooks: () => SocketHooks): ClientMutant['create'] {
  return (setup) => {
    const {
      sent = (envelope) => envelope,
      heard = (text) => [text],
      closed = (code) => code,
      reason = (text) => text,
    } = hooks();
    const Real = setup.WebSocket;
    class Lying extends Real {
      #listener: ((event: MessageEvent) => void) | null = null;
      override send(data: string): void {
        const reply = (envelope: Envelope) =>
          queueMicrotask(() =>
            this.#listener?.(new MessageEvent('message', { data: JSON.stringify(envelope) })),
          );
        const passed = upEnvelope((envelope) => sent(envelope, reply))(data, undefined as never);
        if (passed !== undefined) super.send(passed);
      }
      override set onmessage(listener: ((event: MessageEvent) => void) | null) {
        this.#listener = listener;
        super.onmessage = ({ data }) => {
          for (const text of heard(String(data), () => this.close(4000)))
            listener?.(new MessageEvent('message', { data: text }));
        };
      }
      override set onclose(listener: ((event: SocketCloseEvent) => void) | null) {
        super.onclose = (event) =>
          listener?.(
            new SocketCloseEvent({
              ...event,
              code: closed(event.code),
              reason: reason(event.reason),
              wasClean: event.wasClean,
            }),
          );
      }
    }
    return driveReferenceClient({ ...setup, WebSocket: Lying as unknown as ClientSetup['WebSocket'] });
  };
}

/** The same wrapper without a lie. */
export const honestSocket: ClientMutant['create'] = onSocket(() => ({}));

const parsed = (text: string): Envelope | undefined => {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return undefined;
  }
};
const heardEnvelope = (change: (envelope: Envelope) => Envelope | undefined) => (text: string) => {
  const envelope = parsed(text);
  if (typeof envelope !== 'object' || envelope === null) return [text];
  const changed = change(envelope);
  return changed ? [JSON.stringify(changed)] : [];
};
const driver =
  (
    change: (client: ClientUnderTest, setup: ClientSetup) => Partial<ClientUnderTest>,
  ): ClientMutant['create'] =>
  (setup) => {
    const client = driveReferenceClient(setup);
    const changed = change(client, setup);
    return new Proxy(client, {
      get: (target, name) => Reflect.get(name in changed ? changed : target, name),
    });
  };

const forEver: ClientMutant['create'] = (setup) =>
  driveReferenceClient(setup, { requestTimeoutMs: 86_400_000, heartbeat: { idleMs: 86_400_000 } });

const STAY = 'stays away after every other close code, and says that it failed';
const AWAY = 'hears everything that was said while it was away, once and in order, before anything newer';

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
  {
    name: 'keeps unknown types to itself',
    killedBy: 'survives unknown types, unknown fields and unknown words',
    create: onSocket(() => ({
      heard: heardEnvelope((envelope) => (envelope.type === 'call.offer' ? undefined : envelope)),
    })),
  },
  {
    name: 'does not know one of the events',
    killedBy: 'hands every published event to the application',
    create: onSocket(() => ({
      heard: heardEnvelope((envelope) => (envelope.type === 'admin.ban' ? undefined : envelope)),
    })),
  },
  {
    name: 'merges what it hears into objects of its own',
    killedBy: 'lets no __proto__ of an event change what the application reads',
    create: driver((client) => ({
      get heard() {
        // What `target[key] = value` over the keys of such an event comes to.
        return client.heard.map(({ type, data }) => ({
          type,
          data: Object.assign(Object.create({ polluted: true }), data),
        }));
      },
    })),
  },
  {
    name: 'wants details in every error',
    killedBy: 'takes an error without details for what it is',
    create: onSocket(() => ({
      heard: heardEnvelope((envelope) =>
        envelope.error && envelope.error.details === undefined ? undefined : envelope,
      ),
    })),
  },
  {
    name: 'keeps quiet about errors that belong to nobody',
    killedBy: 'tells the application of an error that belongs to no request',
    create: onSocket(() => ({
      heard: heardEnvelope((envelope) =>
        envelope.type === 'error' && envelope.op_id === undefined ? undefined : envelope,
      ),
    })),
  },
  {
    name: 'takes replies in the order of its requests',
    killedBy: 'settles each request by its own reply, whichever comes first',
    create: onSocket(() => {
      const asked: string[] = [];
      return {
        sent: (envelope) => {
          if (envelope.type === 'chat.send') asked.push(envelope.op_id ?? '');
          return envelope;
        },
        heard: heardEnvelope((envelope) =>
          envelope.data?.status === 'sent' ? { ...envelope, op_id: asked.shift() ?? '' } : envelope,
        ),
      };
    }),
  },
  {
    name: 'asks for tokens for ever',
    killedBy: 'gives up after 4401 when it gets no good token, and says that it failed',
    create: onSocket(() => ({ closed: (code) => (code === 4401 ? 4400 : code) })),
  },
  {
    name: 'comes back early after 4429',
    killedBy: 'comes back after 4429 no earlier than the server says',
    create: onSocket(() => ({ reason: () => '' })),
  },
  {
    name: 'has a new name on each connection',
    killedBy: 'names itself by one UUID on all of its connections',
    create(setup) {
      const Real = setup.WebSocket;
      class Renamed extends Real {
        constructor(url: string | URL, ...rest: [never?, never?]) {
          const address = new URL(url);
          address.searchParams.set('client_id', crypto.randomUUID());
          super(address.href, ...rest);
        }
      }
      return driveReferenceClient({ ...setup, WebSocket: Renamed as unknown as ClientSetup['WebSocket'] });
    },
  },
  {
    name: 'lets the old connection go before the new one has resumed',
    killedBy: 'opens its next connection at the time it is told, and only then lets the old one go',
    create(setup) {
      const Real = setup.WebSocket;
      let last: { close(code: number): void } | undefined;
      class Hasty extends Real {
        constructor(...given: ConstructorParameters<typeof Real>) {
          last?.close(1000);
          super(...given);
          last = this;
        }
      }
      return driveReferenceClient({ ...setup, WebSocket: Hasty as unknown as ClientSetup['WebSocket'] });
    },
  },
  {
    name: 'waits for ever after an error that belongs to nobody',
    killedBy: 'survives an error without op_id, and every operation still ends by itself',
    create: forEver,
  },
  {
    name: 'waits for ever for the end of a send',
    killedBy: 'ends every operation, also when nothing ever answers',
    create: forEver,
  },
  {
    name: 'waits for a close event that never comes',
    killedBy: 'works with a failed handshake that fires error and never close',
    create(setup) {
      class Deaf extends setup.WebSocket {
        override set onerror(_: ((event: Event) => void) | null) {}
      }
      const WebSocket = Deaf as unknown as ClientSetup['WebSocket'];
      // Otherwise its own patience with a handshake would end the wait.
      return driveReferenceClient({ ...setup, WebSocket }, { connectTimeoutMs: 86_400_000 });
    },
  },
  {
    name: 'sleeps on after a wake-up',
    killedBy: 'notices a dead connection within 5 s after a wake-up',
    create: (setup) => driveReferenceClient(setup, { lifecycle: { subscribe: () => () => {} } }),
  },
  {
    name: 'insists on v1',
    killedBy: 'speaks the base contract to a server that does not know v1',
    create(setup) {
      const Real = setup.WebSocket;
      class Insisting extends Real {
        constructor(...[url, , options]: ConstructorParameters<typeof Real>) {
          super(url, ['goconnect.v1'], options);
        }
      }
      return driveReferenceClient({ ...setup, WebSocket: Insisting as unknown as ClientSetup['WebSocket'] });
    },
  },
  {
    name: 'resumes only what it heard before',
    killedBy: 'resumes a room from which it never heard anything',
    create: onSocket(() => ({
      sent: (envelope, reply) => {
        if (envelope.type !== 'session.resume') return envelope;
        const positions = (envelope.data?.positions ?? []) as readonly object[];
        const rooms = positions.map((position) => ({ ...position, status: 'recovered' }));
        reply({ type: 'ack', op_id: envelope.op_id ?? '', data: { rooms } });
        return undefined;
      },
    })),
  },
];
