import type { Clock, Random } from '@goconnect/protocol';
import { createClientAddresses } from '../adapters/client-addresses.js';
import { createPrometheusMetrics } from '../adapters/prometheus/create-metrics.js';
import { openStore } from '../adapters/sql/open-store.js';
import { createGateway } from '../gateway/gateway.js';
import { createHttpApp } from '../http/create-http-app.js';
import { createDoorway } from '../http/doorway.js';
import { createHttpListener } from '../http/http-listener.js';
import { createIdempotency } from '../http/idempotency.js';
import { createStaticFiles } from '../http/static-files.js';
import type { NetworkOperations } from '../operations/operations.js';
import type { Gateway } from '../ports/gateway.js';
import type { Logger } from '../ports/logger.js';
import type { Tracing } from '../ports/tracing.js';
import type { Settings } from '../settings/settings.js';
import { answerRefused } from '../transport/http-answer.js';
import { createWebSocketEndpoint } from '../transport/web-socket-endpoint.js';
import { type Broadcast, createBroadcast } from './broadcast.js';
import { checkedNetworks } from './checked-networks.js';
import { watchClock } from './clock-watch.js';
import { countRefusals } from './counted-tokens.js';
import { drain } from './drain.js';
import { createHttpRates } from './http-rates.js';
import { startMaintenance } from './maintenance.js';
import { checkNamedFiles } from './named-files.js';
import { openBus, placeOfBus, serversOf } from './open-bus.js';
import { gatewaySettings, TENANT_ID } from './part-settings.js';
import { createReadiness, Draining } from './readiness.js';
import { type ServerAddress, serverAddress } from './server-address.js';
import { startOperations } from './start-operations.js';
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
  const { operations, operationsOn, ...rest } = await startOperations(settings, clock, store, bus);
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
    ...createHttpRates(settings, clock),
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
    networks: checkedNetworks(operations.networks),
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

function refuseWhenDraining(gateway: Gateway): void {
  if (gateway.closedDoor()?.why === 'draining') throw new Draining('the server is about to go');
}
