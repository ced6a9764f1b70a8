import { CLOSE_CODES, ERROR_CODES, EVENTS, REQUESTS } from '@goconnect/protocol';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { GatewayEvent, GatewayMetrics } from '../../ports/metrics.js';
import { closedLabel } from './closed-label.js';
import { publishedGauge } from './published-gauge.js';

const sentType = closedLabel(new Set(['ack', 'error', 'presence.pong', ...Object.keys(EVENTS)]));
const receivedType = closedLabel(new Set(['invalid', ...Object.keys(REQUESTS)]));
const requestType = closedLabel(new Set(Object.keys(REQUESTS)));
const ERROR_KINDS = [...Object.keys(ERROR_CODES), ...Object.keys(CLOSE_CODES), 'dead_peer', 'stuck_write'];
const errorKind = closedLabel(new Set(ERROR_KINDS));
/** Ours, those a browser or proxy may send or stand for, and nothing else: a client may send any of 4,000. */
const closeCode = closedLabel(
  new Set(
    [...Object.values(CLOSE_CODES), 1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011].map(String),
  ),
);

const RESUMED = ['recovered', 'gap', 'denied'];
const resumedStatus = closedLabel(new Set(RESUMED));
/** From an answer that memory gives to a commit that waits for a slow disk. */
const ANSWER_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LISTENERS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/** Published names, then those beside them. */
export const PUBLISHED_GAUGES = {
  connections: {
    published: 'websocket_connections_total',
    conventional: 'goconnect_websocket_connections',
    help: 'Total active connections',
  },
  rooms: {
    published: 'websocket_rooms_total',
    conventional: 'goconnect_websocket_rooms',
    help: 'Active rooms',
  },
} as const;

/** What the gateway tells, as metrics of this registry. */
export function gatewayMetrics(registers: Registry[]): GatewayMetrics {
  const messages = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['type'], registers });
  const sent = messages('websocket_messages_sent_total', 'Messages sent by type');
  const received = messages('websocket_messages_received_total', 'Messages received by type');
  const errors = messages('websocket_errors_total', 'Errors by type');
  // From 0 on, so that the first one is a rise as well.
  for (const type of ERROR_KINDS) errors.inc({ type }, 0);
  return {
    connections: publishedGauge(PUBLISHED_GAUGES.connections, registers),
    rooms: publishedGauge(PUBLISHED_GAUGES.rooms, registers),
    sent: (type, count) => sent.inc({ type: sentType(type) }, count),
    received: (type) => received.inc({ type: receivedType(type) }),
    failed: (kind) => errors.inc({ type: errorKind(kind) }),
    noted: eventMetrics(registers),
  };
}

function eventMetrics(registers: Registry[]): (event: GatewayEvent) => void {
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name: `goconnect_${name}`, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], labelNames: L[] = []) =>
    new Histogram({ name: `goconnect_${name}`, help, buckets, labelNames, registers });

  const opened = counter('websocket_opened_total', 'Connections opened, by dialect', ['dialect']);
  const closed = counter('websocket_closed_total', 'Connections ended, by close code', ['code']);
  const answered = counter('requests_total', 'Requests answered, by type and outcome', ['type', 'outcome']);
  const duration = histogram(
    'request_duration_seconds',
    'Time from reading a request to its answer, commit included',
    ANSWER_S,
    ['type'],
  );
  const limited = counter('rate_limited_total', 'Requests over a rate limit, by limit', ['limit']);
  const resumed = counter('resumed_rooms_total', 'Rooms of session.resume, by status', ['status']);
  const deliveries = counter('fanout_deliveries_total', 'Events handed to connections by rooms');
  const listeners = histogram('fanout_listeners', 'Connections one write of a room goes to', LISTENERS);
  const holes = counter('room_holes_total', 'Times entries the bus did not bring were read from the log');
  const lost = counter('room_entries_lost_total', 'Times a room had to be resumed by all who are in it');
  for (const status of RESUMED) resumed.inc({ status }, 0);
  for (const limit of ['connection', 'network', 'in_flight', 'presence.ping', 'session.resume'])
    limited.inc({ limit }, 0);

  return (event) => {
    switch (event.kind) {
      case 'opened':
        return opened.inc({ dialect: event.dialect });
      case 'closed':
        return closed.inc({ code: closeCode(String(event.code)) });
      case 'answered': {
        const type = requestType(event.type);
        duration.observe({ type }, event.seconds);
        return answered.inc({ type, outcome: event.outcome });
      }
      case 'rate_limited':
        return limited.inc({ limit: event.limit });
      case 'resumed':
        return resumed.inc({ status: resumedStatus(event.status) });
      case 'fanned_out':
        deliveries.inc(event.events * event.listeners);
        return listeners.observe(event.listeners);
      case 'hole':
        return holes.inc();
      case 'entries_lost':
        return lost.inc();
    }
  };
}

/** What is asked for when somebody looks. */
export interface GatewaySource {
  stats(): {
    readonly nodes: number;
    readonly queued: { readonly messages: number; readonly bytes: number };
    readonly draining: boolean;
  };
}

/** Numbers that only whoever looks needs. */
export function gatewayLookups(registers: Registry[], source: () => GatewaySource | undefined): void {
  const lookup = (name: string, help: string, read: (stats: ReturnType<GatewaySource['stats']>) => number) =>
    new Gauge({
      name: `goconnect_${name}`,
      help,
      registers,
      collect() {
        const stats = source()?.stats();
        if (stats) this.set(read(stats));
      },
    });
  lookup('send_queue_messages', 'Messages queued for all clients together', ({ queued }) => queued.messages);
  lookup('send_queue_bytes', 'Bytes queued for all clients together', ({ queued }) => queued.bytes);
  lookup(
    'nodes',
    'Servers that share the database and are heard of, this one included',
    ({ nodes }) => nodes,
  );
  lookup('draining', '1 from the first moment of a drain on', ({ draining }) => (draining ? 1 : 0));
}
