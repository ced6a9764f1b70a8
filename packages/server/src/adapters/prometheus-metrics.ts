import { CLOSE_CODES, ERROR_CODES, EVENTS, REQUESTS } from '@goconnect/protocol';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { HttpMetrics } from '../ports/http-metrics.js';
import type { GatewayMetrics } from '../ports/metrics.js';

// Closed lists: what a client writes never becomes a label (each would be a time series for ever).
const SENT = new Set(['ack', 'error', 'presence.pong', ...Object.keys(EVENTS)]);
const RECEIVED = new Set(['invalid', ...Object.keys(REQUESTS)]);
const KINDS = new Set([...Object.keys(ERROR_CODES), ...Object.keys(CLOSE_CODES), 'dead_peer', 'stuck_write']);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** A keystroke is answered in 5 ms, a person notices 100 ms, a log-in may take a second. */
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Metrics for Prometheus. The published names are kept, also where a gauge is called `_total`; the same numbers stand
 * under names that follow the conventions. One registry for each server, so that two in one process do not mix.
 */
export function createPrometheusMetrics(): GatewayMetrics & HttpMetrics {
  const registry = new Registry();
  const registers = [registry];

  const connections = bothNames(
    'websocket_connections_total',
    'goconnect_websocket_connections',
    'Total active connections',
  );
  const rooms = bothNames('websocket_rooms_total', 'goconnect_websocket_rooms', 'Active rooms');
  const sent = new Counter({
    name: 'websocket_messages_sent_total',
    help: 'Messages sent by type',
    labelNames: ['type'],
    registers,
  });
  const received = new Counter({
    name: 'websocket_messages_received_total',
    help: 'Messages received by type',
    labelNames: ['type'],
    registers,
  });
  const errors = new Counter({
    name: 'websocket_errors_total',
    help: 'Errors by type',
    labelNames: ['type'],
    registers,
  });
  const requests = new Histogram({
    name: 'goconnect_http_request_duration_seconds',
    help: 'HTTP requests by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_S,
    registers,
  });

  return {
    connections,
    rooms,
    sent: (type, count) => sent.inc({ type: known(SENT, type) }, count),
    received: (type) => received.inc({ type: known(RECEIVED, type) }),
    failed: (kind) => errors.inc({ type: known(KINDS, kind) }),
    answered: ({ method, route, status, seconds }) =>
      requests.observe({ method: known(METHODS, method), route, status }, seconds),
    render: async () => {
      const all = Registry.merge([processMetrics(), registry]);
      return { contentType: all.contentType, text: await all.metrics() };
    },
  };

  function bothNames(published: string, conventional: string, help: string): (value: number) => void {
    const gauges = [published, conventional].map((name) => new Gauge({ name, help, registers }));
    return (value) => {
      for (const gauge of gauges) gauge.set(value);
    };
  }
}

let ofProcess: Registry | undefined;

/** CPU, memory, event loop. Of the process, and observed for as long as it lives: once, however many servers it runs. */
function processMetrics(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}

function known(words: ReadonlySet<string>, word: string): string {
  return words.has(word) ? word : 'other';
}
