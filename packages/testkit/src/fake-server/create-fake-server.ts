import type { Clock } from '@goconnect/protocol/validators';
import { createRandom } from '../chance/random.js';
import { createFakeNetwork, type FakeNetwork } from '../network/fake-network.js';
import type { SocketVariant } from '../network/socket-state.js';
import { TestkitError } from '../support/testkit-error.js';
import { systemClock } from '../time/system-clock.js';
import { createVirtualClock } from '../time/virtual-clock.js';
import { DEMO_NETWORKS, DEMO_USERS } from './demo-world.js';
import { Engine } from './engine.js';
import type { FakeNetworkInfo, FakeUser } from './entities.js';
import type { FakeServer } from './fake-server.js';
import { fakeServerOn } from './fake-server-on.js';
import type { ContractSettings } from './handler.js';
import { memoryTransport } from './memory-transport.js';
import { wsTransport } from './ws-transport.js';

interface CommonOptions {
  /** All chance of the server (and of its network) comes from it. Default: 0. */
  readonly seed?: string | number;
  /** False imitates a server that knows only the published page: no `goconnect.v1`. Default: true. */
  readonly v1?: boolean;
  /** Origins whose pages may connect. Default: `['*']`, any, as a server in development mode. */
  readonly allowedOrigins?: readonly string[];
  /** In place of ada, grace and linus. */
  readonly users?: readonly FakeUser[];
  /** In place of lobby and attic. */
  readonly networks?: readonly FakeNetworkInfo[];
  /** Numbers of the contract, where a test wants others. */
  readonly settings?: Partial<ContractSettings>;
}

export interface MemoryServerOptions extends CommonOptions {
  readonly transport?: 'memory';
  /** Default: a virtual clock of its own, to be found at `server.clock`. */
  readonly clock?: Clock;
  /** A network to share with other servers; its clock is the server's. Default: one of its own. */
  readonly network?: FakeNetwork;
  /** Host name on the network. Default: `goconnect.test`. */
  readonly host?: string;
  /** Whose WebSocket the network imitates. Default: `browser`. */
  readonly variant?: SocketVariant;
}

export interface WsServerOptions extends CommonOptions {
  readonly transport: 'ws';
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: a free one. */
  readonly port?: number;
}

const DEFAULTS: ContractSettings = {
  tokenTtl: 900,
  editWindowMs: 900_000,
  presenceGraceMs: 15_000,
  messagesPerMinute: 100,
  networkMessagesPerMinute: 1_000,
  maxMessageBytes: 524_288,
  maxConnectionsPerUser: 5,
  pingPeriodMs: 54_000,
  pongWaitMs: 60_000,
  resumeWindowMs: 300_000,
  maxEventsPerRoom: 10_000,
  dedupeWindowMs: 86_400_000,
};

/**
 * Starts a fake server: in memory at once, on a real port when it listens.
 *
 * @throws `TestkitError`: `port_taken` when the address is in use, `bad_argument` for an unknown option
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
  const engine = new Engine({ clock, random, door, settings: { ...DEFAULTS, ...settings } });
  for (const user of users) engine.world.addUser(user);
  for (const network of networks) engine.world.addNetwork(network);
  return engine;
}

const KNOWN = [
  'transport',
  'clock',
  'seed',
  'v1',
  'allowedOrigins',
  'users',
  'networks',
  'settings',
  'network',
  'host',
  'variant',
  'port',
];

function checkOptions(options: object): void {
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name));
  if (unknown === undefined) return;
  throw new TestkitError(
    'bad_argument',
    `createFakeServer() has no option ${JSON.stringify(unknown)}.`,
    `It takes ${KNOWN.join(', ')}.`,
  );
}
