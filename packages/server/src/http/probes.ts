import type { Hono } from 'hono';
import type { Gateway } from '../ports/gateway.js';
import type { HttpMetrics } from '../ports/http-metrics.js';
import type { HttpEnvironment } from './http-environment.js';

/** Whether the server takes work. `checks`: `ok` for each part that works, else what is wrong in words without secrets. */
export type ReadinessCheck = () => Promise<{
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
}>;

export const PROBES: readonly string[] = ['/health', '/ready', '/metrics'];

interface Probed {
  readonly gateway: Pick<Gateway, 'stats'>;
  readonly metrics: HttpMetrics;
  readonly readiness: ReadinessCheck;
}

/** What orchestrators ask. No token: they tell how many, never who. */
export function addProbes(app: Hono<HttpEnvironment>, { gateway, metrics, readiness }: Probed): void {
  app.get('/health', (context) => {
    context.set('route', '/health');
    const { connections, rooms } = gateway.stats();
    return context.json({ ok: true, websocket: { connections, rooms } });
  });
  app.get('/ready', async (context) => {
    context.set('route', '/ready');
    const { ready, checks } = await readiness();
    return context.json({ ready, checks }, ready ? 200 : 503);
  });
  app.get('/metrics', async (context) => {
    context.set('route', '/metrics');
    const { contentType, text } = await metrics.render();
    return context.body(text, 200, { 'content-type': contentType });
  });
}
