import type { ClientSetup } from '../../src/index.js';
import { driveReferenceClient } from '../reference-client.js';
import { type ClientMutant, driver, forEver, heardEnvelope, onSocket } from './client-faults.js';

/** Faults against single clauses of a rule. */
export const CLIENT_CLAUSE_MUTANTS: readonly ClientMutant[] = [
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
