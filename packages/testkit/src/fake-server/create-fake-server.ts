import type { Clock } from '@goconnect/protocol/validators';
import { createRandom } from '../chance/random.js';
import { createFakeNetwork } from '../network/fake-network.js';
import { systemClock } from '../time/system-clock.js';
import { createVirtualClock } from '../time/virtual-clock.js';
import { DEFAULT_SETTINGS } from './contract-settings.js';
import { DEMO_NETWORKS, DEMO_USERS } from './demo-world.js';
import { Engine } from './engine.js';
import type { FakeServer } from './fake-server.js';
import { fakeServerOn } from './fake-server-on.js';
import { memoryTransport } from './memory-transport.js';
import {
  type CommonOptions,
  checkOptions,
  type MemoryServerOptions,
  type WsServerOptions,
} from './server-options.js';
import { wsTransport } from './ws-transport.js';

/**
 * Starts a fake server: in memory at once, on a real port when it listens.
 *
 * @throws `TestkitError`: `port_taken` when the address is in use, `bad_argument` for an option that is unknown or takes something else
 */
export function createFakeServer(options?: MemoryServerOptions): FakeServer;
export function createFakeServer(options: WsServerOptions): Promise<FakeServer>;
export function createFakeServer(
  options: MemoryServerOptions | WsServerOptions,
): FakeServer | Promise<FakeServer>;
export function createFakeServer(
  options: MemoryServerOptions | WsServerOptions = {},
): FakeServer | Promise<FakeServer> {
  checkOptions(options);
  return options.transport === 'ws' ? onPort(options) : inMemory(options);
}

function inMemory(options: MemoryServerOptions): FakeServer {
  const { seed = 0, host = 'goconnect.test', variant = 'browser', network: shared } = options;
  const clock = options.clock ?? createVirtualClock({ seed });
  const network = shared ?? createFakeNetwork({ clock, seed, variant });
  const engine = createEngine(options, clock);
  const transport = memoryTransport(network, host);
  transport.listen((knock) => engine.knock(knock));
  return fakeServerOn({
    engine,
    transport,
    clock,
    seed: String(seed),
    network,
    ownsNetwork: shared === undefined,
  });
}

async function onPort(options: WsServerOptions): Promise<FakeServer> {
  const { seed = 0, host, port, clock = systemClock } = options;
  const engine = createEngine(options, clock);
  const transport = wsTransport({
    clock,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
  });
  await transport.listen((knock) => engine.knock(knock));
  return fakeServerOn({
    engine,
    transport,
    clock,
    seed: String(seed),
    network: undefined,
    ownsNetwork: false,
  });
}

function createEngine(options: CommonOptions, clock: Clock): Engine {
  const { seed = 0, users = DEMO_USERS, networks = DEMO_NETWORKS, settings = {} } = options;
  const { v1 = true, allowedOrigins = ['*'] } = options;
  const door = { offersV1: v1, allowedOrigins };
  const random = createRandom(seed).fork('server');
  const engine = new Engine({ clock, random, door, settings: { ...DEFAULT_SETTINGS, ...settings } });
  for (const user of users) engine.world.addUser(user);
  for (const network of networks) engine.world.addNetwork(network);
  return engine;
}
