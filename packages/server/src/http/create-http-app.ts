import { randomUUID } from 'node:crypto';
import { type Clock, isTraceparent } from '@goconnect/protocol';
import { type Context, Hono } from 'hono';
import type { Actor } from '../domain/entities.js';
import { OperationError } from '../domain/operation-error.js';
import type { Operations } from '../operations/operations.js';
import type { FindClientAddress } from '../ports/client-address.js';
import type { EntryMetrics } from '../ports/entry-metrics.js';
import type { Gateway } from '../ports/gateway.js';
import type { HttpMetrics } from '../ports/http-metrics.js';
import type { Logger } from '../ports/logger.js';
import { loudness } from '../ports/store-error.js';
import type { AccessTokens, Identity } from '../ports/tokens.js';
import type { Tracing } from '../ports/tracing.js';
import { crossOriginHeaders, PREFLIGHT_HEADERS } from './cross-origin.js';
import { failureReply } from './failure-reply.js';
import type { HttpEnvironment } from './http-environment.js';
import type { Idempotency } from './idempotency.js';
import { createLoginThrottle } from './login-throttle.js';
import { openApiDocument } from './openapi.js';
import { addProbes, PROBES, type ReadinessCheck } from './probes.js';
import { BodyTooLarge, readBody } from './request-body.js';
import type { RawInput, Reply, Route } from './route.js';
import { accountRoutes } from './routes/account-routes.js';
import { chatRoutes } from './routes/chat-routes.js';
import { memberRoutes } from './routes/member-routes.js';
import { networkRoutes } from './routes/network-routes.js';
import { API_POLICY, COMMON_HEADERS } from './security-headers.js';
import type { StaticFiles } from './static-files.js';

export interface HttpDependencies {
  readonly operations: Operations;
  readonly idempotency: Idempotency;
  readonly tokens: Pick<AccessTokens, 'verify'>;
  readonly gateway: Pick<Gateway, 'presence' | 'stats'>;
  readonly readiness: ReadinessCheck;
  readonly metrics: HttpMetrics & { readonly entry: Pick<EntryMetrics, 'tokenRefused'> };
  readonly logger: Logger;
  readonly clock: Clock;
  readonly clientAddress: FindClientAddress;
  /** What one user may change in a while. @returns ms until the next change, 0 for one that may be made now */
  readonly admitChange: (actor: Actor) => number;
  /** Attempts to register from one address. @returns ms until the next one, 0 for one that may be made now */
  readonly admitRegistration: (address: string) => number;
  readonly allowedOrigins: readonly string[];
  readonly version: string;
  readonly staticFiles?: StaticFiles;
  /** Default: none, at no cost. */
  readonly tracing?: Tracing;
}

type HttpContext = Context<HttpEnvironment>;

const ACCEPTED_REQUEST_ID = /^[\w.:-]{1,128}$/;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

/** The HTTP API, the probes and the page, as one function from request to answer. */
export function createHttpApp(dependencies: HttpDependencies): Hono<HttpEnvironment> {
  const { gateway, metrics, clock, version, staticFiles } = dependencies;
  const routes = [
    ...accountRoutes(createLoginThrottle(clock), dependencies.admitRegistration),
    ...networkRoutes,
    ...memberRoutes(gateway.presence),
    ...chatRoutes,
  ];
  const app = new Hono<HttpEnvironment>();
  observe(app, dependencies);
  acrossOrigins(app, dependencies);
  addProbes(app, { gateway, metrics, readiness: dependencies.readiness });

  const document = openApiDocument(routes, version);
  app.get('/v1/openapi.json', (context) => context.json(document));
  for (const route of routes) {
    app.on(route.method, route.path, async (context) => {
      context.set('route', route.path);
      const { status, data, nextCursor } = await serve(route, context, dependencies);
      return context.json(nextCursor === undefined ? { data } : { data, next_cursor: nextCursor }, status);
    });
  }
  if (staticFiles) {
    app.get('*', async (context, next) => {
      if (context.req.path.startsWith('/v1/')) return next();
      const response = await staticFiles(context.req.raw, context.req.header('host'));
      if (!response) return next();
      context.set('route', 'page');
      return response;
    });
  }
  app.notFound((context) =>
    fail(context, new OperationError('ERR_NOT_FOUND', 'Nothing is here.'), dependencies),
  );
  app.onError((error, context) => fail(context, error, dependencies));
  return app;
}

/** Request id, time, log line and the headers every answer has. */
function observe(app: Hono<HttpEnvironment>, { clock, logger, metrics, tracing }: HttpDependencies): void {
  app.use(async (context, next) => {
    const started = clock.monotonic();
    const given = context.req.header('x-request-id');
    const id = given !== undefined && ACCEPTED_REQUEST_ID.test(given) ? given : randomUUID();
    context.set('requestId', id);
    context.set('route', 'none');
    const parent = context.req.header('traceparent');
    const traceparent = isTraceparent(parent) ? parent : undefined;
    const span = tracing?.begin({ via: 'http', name: context.req.method, traceparent, id });
    await (span ? span.run(next) : next());
    const { headers, status } = context.res;
    headers.set('x-request-id', id);
    for (const [name, value] of Object.entries(COMMON_HEADERS)) headers.set(name, value);
    if (!headers.has('content-security-policy')) headers.set('content-security-policy', API_POLICY);
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
    const seen = { method: context.req.method, route: context.get('route'), status };
    const elapsedMs = clock.monotonic() - started;
    metrics.answered({ ...seen, seconds: elapsedMs / 1_000 });
    span?.end({ kind: 'http', route: seen.route, status });
    const trace = traceparent !== undefined && { traceparent };
    const line = { request_id: id, ...trace, ...seen, ms: Math.round(elapsedMs) };
    // Probes come every few seconds for ever.
    if (PROBES.includes(seen.route)) logger.debug(line, 'request');
    else logger.info(line, 'request');
  });
}

function acrossOrigins(app: Hono<HttpEnvironment>, { allowedOrigins }: HttpDependencies): void {
  app.use(async (context, next) => {
    const headers = crossOriginHeaders(context.req.header('origin'), allowedOrigins);
    const asksFirst =
      context.req.method === 'OPTIONS' && context.req.header('access-control-request-method') !== undefined;
    if (asksFirst)
      return context.body(null, 204, {
        ...headers,
        ...(headers['access-control-allow-origin'] !== undefined && PREFLIGHT_HEADERS),
      });
    await next();
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
    return undefined;
  });
}

async function serve(route: Route, context: HttpContext, dependencies: HttpDependencies): Promise<Reply> {
  const { operations, idempotency, clientAddress, admitChange } = dependencies;
  // Who may not call is told so before anything of the request is looked at.
  const identity = route.access === 'bearer' ? await authenticate(context, dependencies) : undefined;
  const waitMs = identity && route.method !== 'get' ? admitChange(identity) : 0;
  if (waitMs > 0)
    throw new OperationError('ERR_RATE_LIMIT', 'Too many changes; try again later', {
      retry_after_ms: waitMs,
    });
  const key = route.repeat && idempotencyKey(context);
  const body = route.method === 'get' ? undefined : await readBody(context.req.raw);
  const input: RawInput = { params: context.req.param(), query: context.req.query(), body: body?.json };
  const { key: address, limited } = clientAddress(context.env.incoming);
  const caller = {
    address,
    limited,
    ...(key !== undefined && { key }),
  };

  if (route.access === 'open') return route.run(input, { ...caller, operations, identity: undefined });
  if (!identity) throw new Error('a route for bearers was reached without an identity');
  if (route.repeat !== 'remembered' || key === undefined)
    return route.run(input, { ...caller, operations, identity });
  const { method, url } = context.req;
  const request = {
    actor: identity,
    key,
    method,
    url: pathOf(url),
    body: body?.bytes ?? new Uint8Array(),
  };
  return idempotency.once(request, (bound) => route.run(input, { ...caller, operations: bound, identity }));
}

async function authenticate(
  context: HttpContext,
  { tokens, operations: { sessions }, metrics }: HttpDependencies,
): Promise<Identity> {
  const [, token = ''] = /^Bearer +(\S+) *$/i.exec(context.req.header('authorization') ?? '') ?? [];
  const result = await tokens.verify(token);
  if (!result.ok) throw unauthorized(result.fault);
  const { identity } = result;
  // A login that was ended is ended at once, not when its last access token runs out (promise 8).
  const live = identity.familyId === undefined || (await sessions.isLive(identity.familyId));
  if (live) return identity;
  metrics.entry.tokenRefused('revoked');
  throw unauthorized('revoked');
}

function unauthorized(reason: string): OperationError {
  return new OperationError(
    'ERR_UNAUTHORIZED',
    'A valid access token is needed: Authorization: Bearer <token>.',
    {
      reason,
    },
  );
}

function idempotencyKey(context: HttpContext): string | undefined {
  const key = context.req.header('idempotency-key');
  if (key === undefined || IDEMPOTENCY_KEY.test(key)) return key;
  throw new OperationError('ERR_INVALID_MESSAGE', 'Idempotency-Key: 1-128 visible ASCII characters', {
    field: 'Idempotency-Key',
    reason: 'validation',
  });
}

function fail(context: HttpContext, error: unknown, { logger }: HttpDependencies): Response {
  const requestId = context.get('requestId');
  const { status, headers, body, fault } = failureReply(error, requestId);
  const fields = { err: error, request_id: requestId, route: context.get('route') };
  if (fault) logger[loudness(error)](fields, 'a request failed');
  return context.json(body, error instanceof BodyTooLarge ? 413 : status, headers);
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
