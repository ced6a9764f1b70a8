import { Histogram, type Registry } from 'prom-client';
import type { HttpMetrics } from '../../ports/http-metrics.js';
import { closedLabel } from './closed-label.js';

const method = closedLabel(new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']));

/** A keystroke is answered in 5 ms, a person notices 100 ms, a log-in may take a second. */
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function httpMetrics(registers: Registry[]): HttpMetrics['answered'] {
  const requests = new Histogram({
    name: 'goconnect_http_request_duration_seconds',
    help: 'HTTP requests by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_S,
    registers,
  });
  return (request) =>
    requests.observe(
      { method: method(request.method), route: request.route, status: request.status },
      request.seconds,
    );
}
