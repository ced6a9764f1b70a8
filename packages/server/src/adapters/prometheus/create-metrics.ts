import { Gauge, Registry } from 'prom-client';
import type { BusMetrics } from '../../ports/bus-metrics.js';
import type { EntryMetrics } from '../../ports/entry-metrics.js';
import type { HttpMetrics } from '../../ports/http-metrics.js';
import type { GatewayMetrics } from '../../ports/metrics.js';
import type { StoreMetrics } from '../../ports/store-metrics.js';
import { busMetrics } from './bus-metrics.js';
import { entryMetrics } from './entry-metrics.js';
import { type GatewaySource, gatewayLookups, gatewayMetrics, PUBLISHED_GAUGES } from './gateway-metrics.js';
import { httpMetrics } from './http-metrics.js';
import { processMetrics } from './process-metrics.js';
import { withoutType } from './published-gauge.js';
import { storeMetrics } from './store-metrics.js';

export interface PrometheusMetrics extends HttpMetrics {
  readonly gateway: GatewayMetrics;
  readonly store: StoreMetrics;
  readonly bus: BusMetrics;
  readonly entry: EntryMetrics;
  /** From now on the gateway is asked for what only whoever looks needs. */
  watch(gateway: GatewaySource): void;
}

const PUBLISHED = Object.values(PUBLISHED_GAUGES).map(({ published }) => published);

/**
 * Metrics for Prometheus. The published names are kept, also where a gauge is called `_total`; the same numbers stand
 * under names that follow the conventions. One registry for each server, so that two in one process do not mix.
 */
export function createPrometheusMetrics(facts: {
  readonly version: string;
  readonly maxConnections: number;
}): PrometheusMetrics {
  const registry = new Registry();
  const registers = [registry];
  let source: GatewaySource | undefined;
  const build = new Gauge({
    name: 'goconnect_build_info',
    help: 'Version of the server; always 1',
    labelNames: ['version'],
    registers,
  });
  build.set({ version: facts.version }, 1);
  const most = new Gauge({
    name: 'goconnect_websocket_connections_limit',
    help: 'WS_MAX_CONNECTIONS',
    registers,
  });
  most.set(facts.maxConnections);
  gatewayLookups(registers, () => source);
  return {
    gateway: gatewayMetrics(registers),
    store: storeMetrics(registers),
    bus: busMetrics(registers),
    entry: entryMetrics(registers),
    answered: httpMetrics(registers),
    watch(gateway) {
      source = gateway;
    },
    render: async () => {
      const all = Registry.merge([processMetrics(), registry]);
      return { contentType: all.contentType, text: withoutType(await all.metrics(), PUBLISHED) };
    },
  };
}
