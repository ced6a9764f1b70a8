import { createServer } from '@goconnect/server';
import { fieldTable, within } from './fields.mjs';

/** @typedef {import('./fields.mjs').Schema} Schema */
/** @typedef {{ content?: Record<string, { schema: Schema }> }} Body */
/**
 * @typedef {{ summary?: string, security?: object[], parameters?: { name: string, in: string, required?: boolean, description?: string, schema: Schema }[],
 *   requestBody?: Body, responses: Record<string, Body & { description: string }> }} Operation
 */

/** The OpenAPI document, from a server that runs. */
export async function openApi() {
  const server = createServer({ dev: true, port: 0, databaseUrl: 'sqlite::memory:', logLevel: 'error' });
  const { url } = await server.start();
  try {
    return await (await fetch(`${url}/v1/openapi.json`)).json();
  } finally {
    await server.stop({ drainMs: 0 });
  }
}

/** A page with every route of the server's HTTP API. */
export async function httpPage() {
  const document = await openApi();
  const resolve = within(document);
  const operations = Object.entries(
    /** @type {Record<string, Record<string, Operation>>} */ (document.paths),
  );
  return [
    '# HTTP API',
    '',
    'Served beside the WebSocket, on the same port. The same as a document for tools: `GET /v1/openapi.json` (OpenAPI 3.1). A token goes into `Authorization: Bearer …`.',
    '',
    ...operations.flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => part(method, path, operation, resolve)),
    ),
  ].join('\n');
}

/** @param {string} method @param {string} path @param {Operation} operation @param {import('./fields.mjs').Resolve} resolve */
function part(method, path, operation, resolve) {
  const { summary = '', security = [], parameters = [], requestBody, responses } = operation;
  const done = Object.entries(responses).filter(([status]) => status < '300');
  const failed = Object.keys(responses).filter((status) => status >= '400');
  return [
    `## ${method.toUpperCase()} ${path} {#${anchor(method, path)}}`,
    '',
    `${summary}${security.length === 0 ? ' No token needed.' : ''}`,
    '',
    ...(parameters.length === 0 ? [] : [fieldTable(asObject(parameters), resolve)]),
    ...(requestBody === undefined ? [] : ['Body:', '', fieldTable(schemaOf(requestBody), resolve)]),
    ...done.flatMap(([status, body]) => [
      `Answer ${status}:`,
      '',
      body.content === undefined ? `${body.description}.\n` : answer(body, resolve),
    ]),
    failed.length === 0 ? '' : `Or ${failed.map((status) => `\`${status}\``).join(', ')}.`,
    '',
  ].join('\n');
}

/** @param {Body} body @param {import('./fields.mjs').Resolve} resolve */
function answer(body, resolve) {
  const [type = ''] = Object.keys(body.content ?? {});
  return type === 'application/json' ? fieldTable(schemaOf(body), resolve) : `\`${type}\`\n`;
}

/** @param {Body} body @returns {Schema} */
const schemaOf = ({ content = {} }) => Object.values(content)[0]?.schema ?? {};

/** Parameters as fields, so that they are shown alike. @param {NonNullable<Operation['parameters']>} parameters @returns {Schema} */
function asObject(parameters) {
  const properties = parameters.map(({ name, in: place, description, schema }) => {
    const meaning = description ?? schema.description ?? '';
    return /** @type {const} */ ([name, { ...schema, description: `In the ${place}. ${meaning}`.trim() }]);
  });
  const required = parameters.filter((one) => one.required).map(({ name }) => name);
  return { properties: Object.fromEntries(properties), required };
}

/** @param {string} method @param {string} path */
const anchor = (method, path) => `${method}-${path.replaceAll(/\W+/g, '-').replace(/^-|-$/g, '')}`;
