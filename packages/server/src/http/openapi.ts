import { z } from 'zod';
import type { Route } from './route.js';
import { failure } from './schemas/failure.js';
import { health, readiness } from './schemas/probes.js';

type Json = { readonly [key: string]: unknown };

/** What may go wrong, besides 401 where a token is needed, and 404 where a path names something. */
const FAILURES = {
  400: 'Not what the schema says',
  429: 'Too many requests; see Retry-After',
  500: 'A fault of the server; whether it took effect may be unknown',
  503: 'Not now, and nothing took effect; see Retry-After',
};

/** The OpenAPI 3.1 document of the table of routes. */
export function openApiDocument(routes: readonly Route[], version: string): Json {
  const schemas: Record<string, Json> = {};
  const paths: Record<string, Record<string, Json>> = {};
  const toSchema = (schema: z.ZodType, io: 'input' | 'output') => register(schema, io, schemas);

  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route, toSchema) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'GoConnect HTTP API', version, license: { name: 'MIT', identifier: 'MIT' } },
    paths: { ...paths, ...probes(toSchema) },
    components: {
      schemas,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

type ToSchema = (schema: z.ZodType, io: 'input' | 'output') => Json;

function operation(route: Route, toSchema: ToSchema): Json {
  const successes = Object.entries(route.replies).map(([status, schema]) => {
    const data = toSchema(schema, 'output');
    return [status, { description: 'Done', ...json(route.list ? listOf(data) : envelope(data)) }];
  });
  const failures = {
    ...FAILURES,
    ...(route.access === 'bearer' && { 401: 'No valid access token', 403: 'Not allowed' }),
    ...(route.params && { 404: 'No such thing, or not for this caller' }),
    ...(route.method !== 'get' && {
      409: 'In conflict with what is there, or Idempotency-Key used for another request',
      413: 'Body over 64 KB',
    }),
  };
  const failed = Object.entries(failures).map(([status, description]) => [
    status,
    { description, ...json(toSchema(failure, 'output')) },
  ]);
  return {
    operationId: route.name,
    summary: route.summary,
    security: route.access === 'bearer' ? [{ bearer: [] }] : [],
    parameters: [...parameters(route, toSchema)],
    ...(route.body && { requestBody: json(toSchema(route.body, 'input')) }),
    responses: Object.fromEntries([...successes, ...failed]),
  };
}

function* parameters({ params, query, repeat }: Route, toSchema: ToSchema): Iterable<Json> {
  for (const [place, schema] of [
    ['path', params],
    ['query', query],
  ] as const) {
    const { properties = {}, required = [] } = schema
      ? (toSchema(schema, 'input') as { properties?: Json; required?: string[] })
      : {};
    for (const [name, property] of Object.entries(properties))
      yield { name, in: place, required: required.includes(name), schema: property };
  }
  if (repeat) {
    yield {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      schema: { type: 'string', maxLength: 128 },
      description: 'A repeat with the same key has no second effect (24 h).',
    };
  }
}

function probes(toSchema: ToSchema): Json {
  const probe = (summary: string, responses: Json) => ({ get: { summary, security: [], responses } });
  const ready = json(toSchema(readiness, 'output'));
  return {
    '/health': probe('Whether the process lives.', {
      200: { description: 'Alive', ...json(toSchema(health, 'output')) },
    }),
    '/ready': probe('Whether it takes work.', {
      200: { description: 'Ready', ...ready },
      503: { description: 'Not ready, or draining', ...ready },
    }),
    '/metrics': probe('Metrics for Prometheus.', {
      200: { description: 'Metrics', content: { 'text/plain': { schema: { type: 'string' } } } },
    }),
  };
}

/** Schemas with an id are put down once, among the components, and referred to. */
function register(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, Json>): Json {
  const made = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => keepOpen(jsonSchema),
  });
  const moved: unknown = JSON.parse(JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/'));
  const { $schema: _, $defs = {}, ...plain } = moved as Json & { readonly $defs?: Record<string, Json> };
  Object.assign(schemas, $defs);
  return plain;
}

/** Fields that a later version adds must break nobody who generated a client from this one (A1.4). */
function keepOpen(schema: { additionalProperties?: unknown }): void {
  if (schema.additionalProperties === false) delete schema.additionalProperties;
}

function json(schema: Json): Json {
  return { content: { 'application/json': { schema } } };
}

function envelope(data: Json): Json {
  return { type: 'object', required: ['data'], properties: { data } };
}

function listOf(item: Json): Json {
  return {
    type: 'object',
    required: ['data', 'next_cursor'],
    properties: { data: { type: 'array', items: item }, next_cursor: { type: ['string', 'null'] } },
  };
}
