import type { Clock, Random } from '@goconnect/protocol';
import { createAccessTokens } from '../adapters/access-tokens.js';
import { createClientAddresses } from '../adapters/client-addresses.js';
import { createPrometheusMetrics } from '../adapters/prometheus/create-metrics.js';
import { createRandomIds } from '../adapters/random-ids.js';
import { createScryptPasswords, DEMO_COST } from '../adapters/scrypt-passwords.js';
import { openStore } from '../adapters/sql/open-store.js';
import { devSecret } from '../dev/dev-secret.js';
import { seedDemo } from '../dev/seed-demo.js';
import type { Actor } from '../domain/entities.js';
import { BOUNDS } from '../gateway/bounds.js';
import { createGateway } from '../gateway/gateway.js';
import { KeyedRates } from '../gateway/keyed-rates.js';
import { userKey } from '../gateway/user-key.js';
import { createHttpApp } from '../http/create-http-app.js';
import { createDoorway } from '../http/doorway.js';
import { createHttpListener } from '../http/http-listener.js';
import { createIdempotency } from '../http/idempotency.js';
import { createStaticFiles } from '../http/static-files.js';
import { createOperations } from '../operations/create-operations.js';
import type { NetworkOperations, Operations } from '../operations/operations.js';
import type { Bus } from '../ports/bus.js';
import type { Gateway } from '../ports/gateway.js';
import type { Logger } from '../ports/logger.js';
import type { Store } from '../ports/store.js';
import type { Tracing } from '../ports/tracing.js';
import type { Rate } from '../settings/quantity-kinds.js';
import type { Settings } from '../settings/settings.js';
import { answerRefused } from '../transport/http-answer.js';
import { createWebSocketEndpoint } from '../transport/web-socket-endpoint.js';
import { type Broadcast, createBroadcast } from './broadcast.js';
import { watchClock } from './clock-watch.js';
import { countRefusals } from './counted-tokens.js';
import { startMaintenance } from './maintenance.js';
import { checkNamedFiles } from './named-files.js';
import { openBus, placeOfBus, serversOf } from './open-bus.js';
import { gatewaySettings, TENANT_ID } from './part-settings.js';
import { createReadiness, Draining } from './readiness.js';
import { type ServerAddress, serverAddress } from './server-address.js';
import { logStartWarnings } from './start-warnings.js';
import { watchStore } from './store-watch.js';
import { createTeardown, type Teardown } from './teardown.js';
import { VERSION } from './version.js';

export interface ServerPorts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly tracing?: Tracing;
}

/** A server that listens. */
export interface StartedServer {
  readonly address: ServerAddress;
  readonly networks: NetworkOperations;
  readonly broadcast: Broadcast;
  /** Aborted when another server has taken the database: this one is of no use any more, and is to be stopped. */
  readonly takenOver: AbortSignal;
  /** Sends clients away over `drainMs`, or until the database is taken, then ends every part. */
  stop(drainMs: number): Promise<void>;
}

/** HTTP requests under way when everybody is gone already. */
const HTTP_GRACE_MS = 2_000;

/** Starts every part, the one that others need first. When one fails, those that began are ended again. */
export async function startServer(settings: Settings, ports: ServerPorts): Promise<StartedServer> {
  const teardown = createTeardown(ports.logger);
  try {
    return await startParts(settings, ports, teardown);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function startParts(
  settings: Settings,
  ports: ServerPorts,
  teardown: Teardown,
): Promise<StartedServer> {
  const { logger, clock } = ports;
  logStartWarnings(settings, logger);
  await checkNamedFiles(settings);
  const { staticDir } = settings;
  const staticFiles = staticDir === undefined ? undefined : await createStaticFiles(staticDir);
  const door = createDoorway(answerRefused);
  const metrics = createPrometheusMetrics({ version: VERSION, maxConnections: settings.wsMaxConnections });
  const bounds = { admitted: settings.wsMaxConnections, unauthenticated: settings.wsMaxUnauthenticated };
  const listener = createHttpListener(door, clock, bounds, metrics.entry);
  teardown.add('port', () => listener.close(0));
  const address = serverAddress(await listener.listen(settings.port, settings.host));
  const takenOver = new AbortController();
  const store = await openStore({
    url: settings.databaseUrl,
    clock,
    logger,
    metrics: metrics.store,
    servers: serversOf(settings),
    bus: placeOfBus(settings),
    onTakenOver: () => takenOver.abort(),
  });
  teardown.add('store', () => store.close());
  teardown.add('watch over the clock', watchClock({ clock, logger }));
  teardown.add('watch over the store', watchStore({ store, clock }));
  const bus = await openBus(settings, { store, ...ports, metrics: metrics.bus });
  teardown.add('bus', () => bus.close());
  const { operations, operationsOn, ...rest } = await startOperations(settings, ports, store, bus);
  const tokens = countRefusals(rest.tokens, metrics.entry);
  teardown.add(
    'entries',
    store.onCommit((entries) => bus.publish(entries.map((entry) => ({ kind: 'entry', entry })))),
  );

  const clientAddress = createClientAddresses(settings.trustProxy);
  const gateway = createGateway({
    ...ports,
    operations,
    bus,
    tokens,
    metrics: metrics.gateway,
    settings: gatewaySettings(settings),
  });
  metrics.watch(gateway);
  const app = createHttpApp({
    operations,
    idempotency: createIdempotency({ store, bus, clock, tenantId: TENANT_ID, operationsOn }),
    tokens,
    gateway,
    readiness: createReadiness(
      { store: () => store.check(), bus: () => bus.check(), server: async () => refuseWhenDraining(gateway) },
      clock,
      logger,
    ),
    metrics,
    logger,
    clock,
    clientAddress,
    admitChange: limitChanges(settings, clock),
    admitRegistration: limitBy(settings.registerRate, BOUNDS.ratedAddresses, clock),
    allowedOrigins: settings.wsAllowedOrigins,
    version: VERSION,
    ...(ports.tracing && { tracing: ports.tracing }),
    ...(staticFiles && { staticFiles }),
  });
  teardown.add('http', () => listener.close(HTTP_GRACE_MS));
  // Ended before the listener is: Node's server is closed only when the last WebSocket is.
  teardown.add('gateway', () => gateway.stop());
  const endpoint = createWebSocketEndpoint({
    server: listener.server,
    gateway,
    tokens,
    clock,
    logger,
    clientAddress,
    onAdmitted: listener.admitted,
    metrics: metrics.entry,
    settings,
  });
  teardown.add('endpoint', () => {
    endpoint.close();
    door.leave();
  });
  teardown.add(
    'maintenance',
    startMaintenance({ store, clock, logger, eventRetentionMs: settings.eventRetentionMs }),
  );

  door.open((request, env) => app.fetch(request, env));
  logger.info({ host: address.host, port: address.port, version: VERSION, dev: settings.dev }, 'listening');
  return {
    address,
    networks: operations.networks,
    broadcast: createBroadcast({ store, bus, clock }),
    takenOver: takenOver.signal,
    async stop(drainMs) {
      logger.info({ drain_ms: drainMs }, 'stopping');
      await drain(gateway, drainMs, takenOver.signal);
      await teardown.run();
      logger.info({}, 'stopped');
    },
  };
}

interface OperationParts {
  readonly tokens: ReturnType<typeof createAccessTokens>;
  readonly operations: Operations;
  readonly operationsOn: (store: Store, bus: Bus) => Operations;
}

async function startOperations(
  settings: Settings,
  { clock }: ServerPorts,
  store: Store,
  bus: Bus,
): Promise<OperationParts> {
  const passwords = settings.dev ? createScryptPasswords(DEMO_COST) : createScryptPasswords();
  const secret =
    settings.jwtSecret ??
    (settings.dev && settings.jwtJwksUrl === undefined ? await devSecret(settings.databaseUrl) : undefined);
  const { jwtJwksUrl: jwksUrl, jwtIssuer: issuer, jwtAudience: audience } = settings;
  const tokens = createAccessTokens({
    ttlMs: settings.accessTokenTtlMs,
    clock,
    ...(secret !== undefined && { secret }),
    ...(jwksUrl !== undefined && { jwksUrl }),
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  });
  if (settings.dev) await seedDemo({ store, passwords, clock, tenantId: TENANT_ID });
  const ids = createRandomIds(clock);
  const own = {
    editWindowMs: settings.chatEditWindowMs,
    refreshTokenTtlMs: settings.refreshTokenTtlMs,
    maxNetworksPerUser: settings.maxNetworksPerUser,
    tenantId: TENANT_ID,
  };
  const operationsOn = (onStore: Store, onBus: Bus) =>
    createOperations({ store: onStore, bus: onBus, clock, ids, tokens, passwords, settings: own });
  return { tokens, operations: operationsOn(store, bus), operationsOn };
}

/** Once the database is lost what clients send is refused, which they take for an answer: nobody is kept for that (0045). */
async function drain(gateway: Gateway, drainMs: number, lost: AbortSignal): Promise<void> {
  if (drainMs <= 0 || lost.aborted) return;
  const cutShort = new Promise<void>((resolve) => {
    lost.addEventListener('abort', () => resolve(), { once: true });
  });
  // The last half is for those who were told to come back late.
  const drained = gateway.drain({
    windowMs: drainMs / 2,
    deadlineMs: drainMs,
    reason: 'the server is restarting',
  });
  await Promise.race([drained, cutShort]);
}

function refuseWhenDraining(gateway: Gateway): void {
  if (gateway.closedDoor()?.why === 'draining') throw new Draining('the server is about to go');
}

/**
 * Over HTTP a user changes as much as on a connection. Of each user and not of each network, so that who floods a room by
 * joining and leaving keeps nobody from kicking them (A6.2, 0017).
 */
function limitChanges({ wsRateClient }: Settings, clock: Clock): (actor: Actor) => number {
  const admit = limitBy(wsRateClient, BOUNDS.ratedUsers, clock);
  return (actor) => admit(userKey(actor));
}

/** A rate for each key. The function takes a place, or says in how many milliseconds there is one. */
function limitBy({ count, windowMs }: Rate, mostKeys: number, clock: Clock): (key: string) => number {
  const rates = new KeyedRates({ limit: count, windowMs }, mostKeys);
  return (key) => {
    const place = rates.take(key, clock.monotonic());
    return place.kind === 'wait' ? place.retryAfterMs : 0;
  };
}
