import type { Clock, RequestType } from '@goconnect/protocol/validators';
import type { FakeNetwork } from '../network/fake-network.js';
import { amount, checkFields, flag, optional } from '../support/rules.js';
import { credentials } from './credentials.js';
import type { Engine } from './engine.js';
import type { FakeServer } from './fake-server.js';
import type { FakeTransport } from './peer.js';
import { people } from './people.js';
import { when } from './script.js';
import { speech } from './speech.js';
import { targets } from './targets.js';
import { trouble } from './trouble.js';
import { Uptime } from './uptime.js';

export interface FakeServerParts {
  readonly engine: Engine;
  readonly transport: FakeTransport;
  readonly clock: Clock;
  readonly seed: string;
  readonly network: FakeNetwork | undefined;
  readonly ownsNetwork: boolean;
}

const WAIT_MS = 1_000;
const RESTART = { keepLog: optional(flag), downMs: optional(amount) };

/** The handle that tests hold, over the engine and its transport. */
export function fakeServerOn(parts: FakeServerParts): FakeServer {
  const { engine, transport, clock, seed, network, ownsNetwork } = parts;
  const { world, inbox, script } = engine;
  const uptime = new Uptime(transport, engine.timers, (knock) => engine.knock(knock));
  const WebSocket = network?.WebSocket;
  const close = async (): Promise<void> => {
    engine.end();
    try {
      await uptime.close();
    } finally {
      if (ownsNetwork) network?.close();
    }
  };

  return {
    get url() {
      return transport.url;
    },
    WebSocket,
    clock,
    network,
    seed,

    ...onlyOpen(uptime, {
      ...credentials(engine, () => ({ url: transport.url, clock, ...(WebSocket && { WebSocket }) })),
      ...people(engine),
      ...speech(engine),
      ...trouble(engine),
    }),

    when: (type, where) => when(script, type, where),
    script: (rule) => script.add(rule),
    behave: () => script.clear(),

    get received() {
      return inbox.all;
    },
    receivedOf: (type, where) => inbox.of(type, where),
    waitFor: <K extends RequestType>(type: K, where: object = {}, { deadlineMs = WAIT_MS } = {}) =>
      inbox.waitFor(type, where, deadlineMs),
    forgetReceived: () => inbox.clear(),
    get connections() {
      return [...engine.connections.values()].map(({ number, user, dialect, clientId, rooms }) => ({
        number,
        userId: user.id,
        dialect,
        clientId,
        rooms: [...rooms],
      }));
    },

    async restart(options = {}) {
      uptime.assertOpen();
      checkFields(options, RESTART, 'restart()');
      const { keepLog = true, downMs = 0 } = options;
      for (const { socket } of targets(engine)) socket?.terminate();
      await uptime.restart(downMs, () => {
        if (!keepLog) world.loseLog();
      });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The same verbs; once the server is closed each of them says so, where it would have done nothing that shows. */
function onlyOpen<V extends object>(uptime: Uptime, verbs: V): V {
  const guarded = Object.entries(verbs).map(([name, verb]: [string, (...args: unknown[]) => unknown]) => [
    name,
    (...args: unknown[]) => {
      uptime.assertOpen();
      return verb(...args);
    },
  ]);
  return Object.fromEntries(guarded);
}
