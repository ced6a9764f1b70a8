import { createRandom } from '../../chance/random.js';
import { createFakeServer } from '../../fake-server/create-fake-server.js';
import { createFakeLifecycle } from '../../lifecycle/fake-lifecycle.js';
import { createFakeNetwork, type FakeNetwork } from '../../network/fake-network.js';
import { createVirtualClock, type VirtualClock } from '../../time/virtual-clock.js';
import { must } from '../case.js';
import type { Environment } from '../run-cases.js';
import type { ClientEnv, ClientScene, SceneOptions } from './client-scene.js';
import type { ClientTarget } from './client-target.js';

/** Environments for the cases of a client in this process, on virtual time. */
export function clientEnvironment(target: ClientTarget): Environment<ClientEnv> {
  return {
    lacks: () => undefined,
    async open() {
      const ends: (() => Promise<void>)[] = [];
      return {
        env: {
          scene: async (options = {}) => setScene(target, options, ends),
          span: (virtual) => virtual,
          async each(items, run) {
            for (const item of items) await run(item);
          },
        },
        async close() {
          for (const end of ends) await end();
        },
      };
    },
  };
}

function setScene(target: ClientTarget, options: SceneOptions, ends: (() => Promise<void>)[]): ClientScene {
  const { base = false, seed = 'client', tokenLife = 900 } = options;
  // Only undici goes on when a server selects none of the offered subprotocols; one case is about the others.
  const { variant = base ? 'undici' : 'ws' } = options;
  const clock = createVirtualClock({ seed });
  const network = createFakeNetwork({ clock, seed, variant });
  const server = createFakeServer({ clock, network, seed, v1: !base });
  const lifecycle = createFakeLifecycle();
  const tokenAsks: number[] = [];
  let spoilt = false;
  const dials: number[] = [];
  const client = target.create({
    url: server.url,
    clock,
    random: createRandom(seed),
    lifecycle,
    WebSocket: counted(network, dials, clock),
    async token() {
      tokenAsks.push(clock.monotonic());
      return server.tokens('ada', { expiresIn: spoilt ? 0 : tokenLife });
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
    client,
    tokenAsks,
    dials,
    until,
    now: () => clock.monotonic(),
    pass: (ms) => clock.advance(ms),
    within: (what, promise, limitMs = 120_000) => clock.runUntil(promise, { limitMs, what }),
    spoilTokens() {
      spoilt = true;
    },
    wake: () => lifecycle.emit('wake'),
    stepClock: (ms) => clock.step(ms),
    listeners: () => lifecycle.subscribers,
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
