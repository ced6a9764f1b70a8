import { createRandom, type SeededRandom } from '../../chance/random.js';
import { createFakeServer, type MemoryServerOptions } from '../../fake-server/create-fake-server.js';
import type { FakeServer } from '../../fake-server/fake-server.js';
import { createFakeLifecycle, type FakeLifecycle } from '../../lifecycle/fake-lifecycle.js';
import { createFakeNetwork, type FakeNetwork } from '../../network/fake-network.js';
import type { SocketVariant } from '../../network/socket-state.js';
import { createVirtualClock, type VirtualClock } from '../../time/virtual-clock.js';
import { must } from '../case.js';
import type { Environment } from '../run-cases.js';
import type { ClientTarget, ClientUnderTest } from './client-target.js';

export interface StartOptions {
  /** A server that knows only the published page. */
  readonly base?: boolean;
  readonly variant?: SocketVariant;
  readonly settings?: NonNullable<MemoryServerOptions['settings']>;
  /** Seed of the client's own chance. */
  readonly seed?: string;
  /** Seconds that access tokens live. */
  readonly tokenLife?: number;
}

/** A server, a network and a client, all on one virtual clock. */
export interface ClientScene {
  readonly server: FakeServer;
  readonly network: FakeNetwork;
  readonly clock: VirtualClock;
  readonly lifecycle: FakeLifecycle;
  readonly client: ClientUnderTest;
  /** Monotonic times at which the client asked for a token. */
  readonly tokenAsks: readonly number[];
  /** Handshakes that the client began, with their times. */
  readonly dials: readonly number[];
  /** Lets time pass until something is so; fails the case after `limitMs`. */
  until(what: string, holds: () => boolean, limitMs?: number): Promise<void>;
  /** Connects and waits until the server has let the client in. */
  connected(): Promise<void>;
}

export interface ClientEnv {
  /** Sets the scene; the client has not connected yet. */
  scene(options?: StartOptions): ClientScene;
}

/** Environments for the cases of one client. */
export function clientEnvironment(target: ClientTarget): Environment<ClientEnv> {
  return {
    lacks: () => undefined,
    async open() {
      const ends: (() => Promise<void>)[] = [];
      return {
        env: { scene: (options = {}) => setScene(target, options, ends) },
        async close() {
          for (const end of ends) await end();
        },
      };
    },
  };
}

function setScene(target: ClientTarget, options: StartOptions, ends: (() => Promise<void>)[]): ClientScene {
  const { base = false, settings = {}, seed = 'client', tokenLife = 900 } = options;
  // Only undici goes on when a server selects none of the offered subprotocols; one case is about the others.
  const { variant = base ? 'undici' : 'ws' } = options;
  const clock = createVirtualClock({ seed });
  const network = createFakeNetwork({ clock, seed, variant });
  const server = createFakeServer({ clock, network, seed, v1: !base, settings });
  const lifecycle = createFakeLifecycle();
  const tokenAsks: number[] = [];
  const dials: number[] = [];
  const random: SeededRandom = createRandom(seed);
  const client = target.create({
    url: server.url,
    clock,
    random,
    lifecycle,
    WebSocket: counted(network, dials, clock),
    async token() {
      tokenAsks.push(clock.monotonic());
      return server.tokens('ada', { expiresIn: tokenLife });
    },
  });
  const until = async (what: string, holds: () => boolean, limitMs = 120_000) => {
    const reached = await clock.runUntil(holds, { limitMs }).then(
      () => true,
      () => false,
    );
    must(reached, `${what}: not within ${limitMs} ms`);
  };
  ends.push(async () => {
    network.heal();
    await clock.runUntil(client.close(), { limitMs: 60_000 });
    await server.close();
    network.close();
    clock.close();
  });
  return {
    server,
    network,
    clock,
    lifecycle,
    client,
    tokenAsks,
    dials,
    until,
    async connected() {
      void client.connect().catch(() => {});
      await until(
        'the client connects',
        () => client.status === 'connected' && server.connections.length > 0,
      );
    },
  };
}

/** The network's class, counting. */
function counted({ WebSocket }: FakeNetwork, dials: number[], clock: VirtualClock): FakeNetwork['WebSocket'] {
  return class extends WebSocket {
    constructor(...args: ConstructorParameters<FakeNetwork['WebSocket']>) {
      dials.push(clock.monotonic());
      super(...args);
    }
  };
}
