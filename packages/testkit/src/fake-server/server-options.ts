import type { Clock } from '@goconnect/protocol/validators';
import type { FakeNetwork } from '../network/fake-network.js';
import type { SocketVariant } from '../network/socket-state.js';
import {
  checkFields,
  flag,
  list,
  oneOf,
  optional,
  port,
  type Rule,
  type Rules,
  record,
  text,
  texts,
  wrong,
} from '../support/rules.js';
import { type ContractSettings, checkSettings } from './contract-settings.js';
import type { FakeNetworkInfo, FakeUser } from './entities.js';
import { checkNetwork, checkUser } from './world-rules.js';

export interface CommonOptions {
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

const seed: Rule<string | number> = (value) =>
  typeof value === 'string' || Number.isFinite(value) ? undefined : 'a string or a number';

/** What a scenario says of the server, too. {@link checkWorld} looks into the lists. */
export const WORLD: Rules = {
  seed: optional(seed),
  v1: optional(flag),
  users: optional(list),
  networks: optional(list),
  settings: optional(record),
};
const COMMON: Rules = {
  ...WORLD,
  transport: optional(oneOf('memory', 'ws')),
  clock: optional(record),
  allowedOrigins: optional(texts),
  host: optional(text),
};
const variants: readonly SocketVariant[] = ['browser', 'undici', 'ws'];
const OF_TRANSPORT: { readonly memory: Rules; readonly ws: Rules } = {
  memory: { ...COMMON, network: optional(record), variant: optional(oneOf(...variants)) },
  ws: { ...COMMON, port: optional(port) },
};

/** Checks options before anything starts, as {@link checkWorld} does with those that make the world. */
export function checkOptions(options: MemoryServerOptions | WsServerOptions): void {
  const rules = OF_TRANSPORT[options.transport === 'ws' ? 'ws' : 'memory'];
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(rules, name));
  if (unknown !== undefined)
    throw wrong(
      `createFakeServer() has no option ${JSON.stringify(unknown)}.`,
      `In memory it takes ${known('memory')}; with the transport 'ws' ${known('ws')}.`,
    );
  checkFields(options, rules, 'createFakeServer()');
  checkWorld(options);
}

const known = (transport: 'memory' | 'ws') => Object.keys(OF_TRANSPORT[transport]).join(', ');

/**
 * Checks users, networks and settings, of options and of a scenario alike.
 *
 * @throws `TestkitError` with code `bad_argument`, which names the place and says what it takes
 */
export function checkWorld({
  users = [],
  networks = [],
  settings = {},
}: Pick<CommonOptions, 'users' | 'networks' | 'settings'>): void {
  for (const [index, user] of users.entries()) checkUser(user, `users.${index}`);
  for (const [index, network] of networks.entries()) checkNetwork(network, `networks.${index}`);
  checkSettings(settings);
}
