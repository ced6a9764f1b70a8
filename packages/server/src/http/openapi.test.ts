import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.js';

interface Operation {
  readonly operationId?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
}

/** `http-api.md`, by hand: what must be there. */
const PUBLISHED = [
  'POST /v1/auth/register 201',
  'POST /v1/auth/login 200',
  'POST /v1/auth/refresh 200',
  'POST /v1/auth/logout 200',
  'POST /v1/networks 201',
  'GET /v1/networks 200',
  'GET /v1/networks/{id} 200',
  'PATCH /v1/networks/{id} 200',
  'DELETE /v1/networks/{id} 200',
  'POST /v1/networks/{id}/join 200',
  'POST /v1/networks/{id}/join 202',
  'POST /v1/networks/{id}/leave 200',
  'POST /v1/networks/{id}/approve 200',
  'POST /v1/networks/{id}/deny 200',
  'POST /v1/networks/{id}/kick 200',
  'POST /v1/networks/{id}/ban 200',
  'POST /v1/networks/{id}/unban 200',
  'PUT /v1/networks/{id}/members/{user_id}/role 200',
  'POST /v1/networks/{id}/invites 201',
  'GET /v1/networks/{id}/members 200',
  'GET /v1/networks/{id}/requests 200',
  'GET /v1/chat 200',
  'GET /v1/chat/{message_id}/edits 200',
  'GET /health 200',
  'GET /ready 200',
  'GET /metrics 200',
];

/** What we added to it (docs/decisions/0023). */
const ADDED = ['GET /v1/networks/{id}/bans 200', 'GET /v1/users/{user_id} 200'];

describe('the OpenAPI document', () => {
  let server: TestServer;
  let document: {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, object> };
  };
  let operations: [string, Operation][];

  beforeAll(async () => {
    server = await startTestServer();
    const { status, body } = await server.call('GET', '/v1/openapi.json');
    expect(status).toBe(200);
    document = body as typeof document;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        operation,
      ]),
    );
  });
  afterAll(() => server.end());

  it('lists every call of the published page, and those that were added to it on purpose', () => {
    const listed = operations.flatMap(([call, { responses }]) =>
      Object.keys(responses)
        .filter((status) => status.startsWith('2'))
        .map((status) => `${call} ${status}`),
    );
    expect(document.openapi).toBe('3.1.0');
    expect(listed.sort()).toEqual([...PUBLISHED, ...ADDED].sort());
  });

  it('tells of each call how it may fail, and of a probe that it may say no', () => {
    const statusesOf = Object.fromEntries(
      operations.map(([call, { responses }]) => [
        call,
        Object.keys(responses).filter((status) => status > '3'),
      ]),
    );
    expect(statusesOf['GET /v1/networks/{id}']).toEqual(['400', '401', '403', '404', '429', '500', '503']);
    expect(statusesOf['POST /v1/auth/login']).toEqual(['400', '409', '413', '429', '500', '503']);
    expect(statusesOf['GET /ready']).toEqual(['503']);
    expect(statusesOf['GET /health']).toEqual([]);
  });

  it('names every parameter of a path, and a body where one is read', () => {
    for (const [call, { parameters = [], requestBody }] of operations) {
      const inPath = [...call.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(parameters.filter((one) => one.in === 'path').map((one) => one.name)).toEqual(inPath);
      if (/^(PUT|PATCH) /.test(call) || call === 'POST /v1/networks') expect(requestBody).toBeDefined();
    }
  });

  it('refers only to schemas that are there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name ?? '',
    );
    expect(references.length).toBeGreaterThan(20);
    for (const name of references) expect(document.components.schemas).toHaveProperty(name);
    expect(document.components.schemas).toHaveProperty(
      ['Network', 'properties', 'join_policy', 'enum'],
      ['open', 'approval', 'invite'],
    );
  });

  it('is true about who needs a token', async () => {
    for (const [call, { security = [] }] of operations) {
      const [method = '', path = ''] = call.split(' ');
      const { status } = await server.call(
        method,
        path.replaceAll(/\{\w+\}/g, 'x'),
        method === 'GET' ? {} : { body: {} },
      );
      if (security.length > 0) expect([call, status]).toEqual([call, 401]);
      else expect([call, status]).not.toEqual([call, 401]);
    }
  });
});
