import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Random } from '@goconnect/protocol';
import { SignJWT } from 'jose';
import type { ClientOptions } from 'ws';
import { createAccessTokens } from '../../adapters/access-tokens.js';
import { createClientAddresses } from '../../adapters/client-addresses.js';
import { createInProcessBus } from '../../adapters/in-process-bus.js';
import { createRandomIds } from '../../adapters/random-ids.js';
import { openStore } from '../../adapters/sql/open-store.js';
import type { Actor, Network, User } from '../../domain/entities.js';
import { createOperations } from '../../operations/create-operations.js';
import type { Operations } from '../../operations/operations.js';
import type { Bus } from '../../ports/bus.js';
import type { EntryMetrics } from '../../ports/entry-metrics.js';
import type { Gateway } from '../../ports/gateway.js';
import type { Logger } from '../../ports/logger.js';
import type { GatewayEvent, GatewayMetrics } from '../../ports/metrics.js';
import type { Store } from '../../ports/store.js';
import type { AccessTokens } from '../../ports/tokens.js';
import type { Tracing } from '../../ports/tracing.js';
import { createWebSocketEndpoint, type WebSocketEndpoint } from '../../transport/web-socket-endpoint.js';
import { createGateway } from '../gateway.js';
import type { GatewaySettings } from '../gateway-settings.js';
import { TestClient } from './test-client.js';
import { TestClock, turns } from './test-clock.js';

export interface TestServerOptions {
  readonly settings?: Partial<GatewaySettings>;
  readonly origins?: readonly string[];
  /** Puts faults between gateway and operations. */
  readonly operations?: (real: Operations) => Operations;
  readonly bus?: (real: Bus) => Bus;
  readonly random?: Random;
  readonly trustProxy?: readonly string[];
  readonly tracing?: Tracing;
  /** Default: a new SQLite file. */
  readonly databaseUrl?: string;
  /** What this node shares with others, and leaves to whoever made it. Default: parts of its own. */
  readonly shared?: { readonly store: Store; readonly clock: TestClock; readonly node: string };
}

interface Counts {
  connections: number;
  rooms: number;
  readonly received: Map<string, number>;
  readonly sent: Map<string, number>;
  readonly failed: Map<string, number>;
  readonly refused: Map<string, number>;
  readonly events: GatewayEvent[];
}

const SECRET = 'a secret for tests, over 32 bytes long';
export const TENANT = 'acme';

/** As published. */
export const PUBLISHED: GatewaySettings = {
  server: { name: 'goconnect-server', version: '0.0.0' },
  maxConnections: 10_000,
  maxConnectionsPerUser: 5,
  maxMessageBytes: 524_288,
  sendBufferMessages: 256,
  writeWaitMs: 10_000,
  pongWaitMs: 60_000,
  pingPeriodMs: 54_000,
  clientRate: { limit: 100, windowMs: 60_000 },
  networkRate: { limit: 1_000, windowMs: 60_000 },
  connectRate: { limit: 600, windowMs: 60_000 },
  resumeWindowMs: 604_800_000,
  dedupeWindowMs: 86_400_000,
};

/** Who somebody is and what they carry. */
export interface Person extends User, Actor {
  readonly token: string;
}

/** The real thing on a free port: HTTP server, endpoint, gateway, operations, a SQLite file; only time is a test's. */
export class TestServer {
  private constructor(
    readonly clock: TestClock,
    readonly gateway: Gateway,
    readonly operations: Operations,
    readonly store: Store,
    readonly bus: Bus,
    readonly tokens: AccessTokens,
    readonly counts: Counts,
    readonly logged: string[],
    readonly port: number,
    private readonly http: Server,
    private readonly endpoint: WebSocketEndpoint,
    private readonly folder: string,
    private readonly ownsShared: 'yes' | 'no',
  ) {}

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const { shared } = options;
    const clock = shared?.clock ?? new TestClock();
    const logged: string[] = [];
    const logger = memoryLogger(logged);
    const folder = await mkdtemp(join(tmpdir(), 'goconnect-gateway-'));
    const url = options.databaseUrl ?? `file:${join(folder, 'test.db')}`;
    const store = shared?.store ?? (await openStore({ url, clock, logger }));
    const inner = createInProcessBus(logger);
    const bus = options.bus?.(inner) ?? inner;
    store.onCommit((entries) => bus.publish(entries.map((entry) => ({ kind: 'entry', entry }))));
    const tokens = createAccessTokens({ secret: SECRET, ttlMs: 900_000, clock });
    const passwords = {
      hash: async (text: string) => text,
      verify: async (text: string, hash: string) => text === hash,
    };
    const ids = createRandomIds(clock);
    const times = {
      editWindowMs: 900_000,
      refreshTokenTtlMs: 604_800_000,
      maxNetworksPerUser: 1_000,
      tenantId: TENANT,
    };
    const real = createOperations({ store, bus, clock, ids, tokens, passwords, settings: times });
    const operations = options.operations?.(real) ?? real;
    const { metrics, counts } = countingMetrics();
    const settings = { ...PUBLISHED, ...options.settings };
    const random = options.random ?? Math.random;
    const { tracing } = options;
    const own = { tokens, clock, random, logger, metrics, settings, ...(tracing && { tracing }) };
    const gateway = createGateway({ operations, bus, ...own, ...(shared && { node: shared.node }) });
    const http = createServer();
    const endpoint = createWebSocketEndpoint({
      server: http,
      gateway,
      tokens,
      clock,
      logger,
      clientAddress: createClientAddresses(options.trustProxy ?? []),
      onAdmitted: () => {},
      metrics,
      settings: { wsMaxMessageBytes: settings.maxMessageBytes, wsAllowedOrigins: options.origins ?? [] },
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    return new TestServer(
      clock,
      gateway,
      real,
      store,
      bus,
      tokens,
      counts,
      logged,
      port,
      http,
      endpoint,
      folder,
      shared ? 'no' : 'yes',
    );
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/v1/ws`;
  }

  /** Ends everything and finds out whether something was left. */
  async stop(): Promise<void> {
    this.endpoint.close();
    const stopped = this.gateway.stop();
    await turns(10);
    if (this.gateway.stats().connections > 0) await this.clock.advance(2_000);
    await stopped;
    const closed = once(this.http, 'close');
    this.http.close();
    this.http.closeAllConnections();
    await closed;
    await this.bus.close();
    await rm(this.folder, { recursive: true });
    if (this.ownsShared === 'no') return;
    await this.store.close();
    if (this.clock.pending > 0) throw new Error(`${this.clock.pending} timers were left`);
  }

  /** Somebody new, with a token that lives for a day unless said otherwise. */
  async person(name: string, facts: Partial<User> & { readonly tokenMs?: number } = {}): Promise<Person> {
    const { tokenMs = 86_400_000, ...given } = facts;
    const user: User = {
      id: name,
      tenantId: TENANT,
      email: `${name}@goconnect.example`,
      name,
      isAdmin: false,
      isModerator: false,
      createdAt: this.clock.now(),
      ...given,
    };
    await this.store.write((tx) => tx.users.insert(user, 'password'));
    return { ...user, userId: user.id, token: await this.sign(user, tokenMs) };
  }

  /** A token as another issuer with the same secret might make it. */
  sign(
    user: Pick<User, 'id' | 'tenantId' | 'isAdmin' | 'isModerator'>,
    tokenMs: number,
    more: object = {},
  ): Promise<string> {
    const now = this.clock.now() / 1_000;
    const claims = {
      type: 'access',
      user_id: user.id,
      tenant_id: user.tenantId,
      is_admin: user.isAdmin,
      is_moderator: user.isModerator,
      ...more,
    };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt(Math.floor(now))
      .setExpirationTime(now + tokenMs / 1_000)
      .sign(new TextEncoder().encode(SECRET));
  }

  /** A public open network of the first, with the others as members. */
  async network(owner: Person, ...members: readonly Person[]): Promise<Network> {
    const network = await this.operations.networks.create(owner, {
      name: 'a network',
      visibility: 'public',
      joinPolicy: 'open',
    });
    for (const member of members) await this.operations.networks.join(member, network.id);
    return network;
  }

  /** A client of the published contract. */
  base({ token }: { readonly token: string }, query = ''): Promise<TestClient> {
    return TestClient.open(`${this.url}${query}`, [], { headers: { authorization: `Bearer ${token}` } });
  }

  /** A client with the session extension, after its welcome. */
  async v1({ token }: { readonly token: string }, query = ''): Promise<TestClient> {
    const client = await TestClient.open(`${this.url}${query}`, ['goconnect.v1'], {
      headers: { authorization: `Bearer ${token}` },
    });
    await client.next('session.welcome');
    return client;
  }

  client(path: string, protocols: string[] = [], options: ClientOptions = {}): Promise<TestClient> {
    return TestClient.open(`ws://127.0.0.1:${this.port}${path}`, protocols, options);
  }

  /** Writes bytes to a new TCP connection and reads what comes until it ends. */
  async raw(text: string): Promise<string> {
    const socket = connect(this.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.write(text);
    await once(socket, 'close');
    return Buffer.concat(chunks).toString();
  }
}

function memoryLogger(lines: string[]): Logger {
  const log = (level: string) => (fields: object, message: string) => {
    lines.push(
      `${level} ${message} ${JSON.stringify(fields, (_, value) => (value instanceof Error ? `${value.stack}` : value))}`,
    );
  };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

function countingMetrics() {
  const counts: Counts = {
    connections: 0,
    rooms: 0,
    received: new Map(),
    sent: new Map(),
    failed: new Map(),
    refused: new Map(),
    events: [],
  };
  const add = (map: Map<string, number>, key: string, by = 1) => map.set(key, (map.get(key) ?? 0) + by);
  const metrics: GatewayMetrics & Pick<EntryMetrics, 'upgradeRefused' | 'tokenRefused'> = {
    connections: (active) => {
      counts.connections = active;
    },
    rooms: (active) => {
      counts.rooms = active;
    },
    received: (type) => add(counts.received, type),
    sent: (type, count) => add(counts.sent, type, count),
    failed: (kind) => add(counts.failed, kind),
    noted: (event) => void counts.events.push(event),
    upgradeRefused: (reason) => add(counts.refused, reason),
    tokenRefused: () => {},
  };
  return { metrics, counts };
}
