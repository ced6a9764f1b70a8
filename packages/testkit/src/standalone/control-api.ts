import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isEventType } from '@goconnect/protocol/validators';
import type { FakeServer } from '../fake-server/fake-server.js';
import { checkScriptRule } from '../fake-server/script-rule.js';
import { checkFaultRule } from '../network/fault-plan.js';
import type { FaultProxy } from '../network/fault-proxy.js';
import { isObject } from '../support/is-object.js';
import { TestkitError } from '../support/testkit-error.js';

type Body = Readonly<Record<string, unknown>>;
type Route = (body: Body, query: URLSearchParams) => unknown;

/** Bytes of a request's body. */
const BODY_MAX = 1024 * 1024;

/** What tests in other languages ask for, over HTTP: each call answers JSON, mistakes with 400 and what to do. */
function routes(server: FakeServer, proxy: FaultProxy): Readonly<Record<string, Route>> {
  const handles: { end(): void }[] = [];
  return {
    'GET /url': () => ({ url: proxy.url }),
    'POST /token': ({ user, expires_in }) =>
      server.tokens(text(user, 'user'), typeof expires_in === 'number' ? { expiresIn: expires_in } : {}),
    'GET /received': (_, query) => server.received.filter(({ type }) => (query.get('type') ?? type) === type),
    'DELETE /received': () => server.forgetReceived(),
    'GET /connections': () => server.connections,
    'POST /say': ({ scope, user, body }) => ({
      message_id: server.say(text(scope, 'scope'), text(user, 'user'), text(body, 'body')),
    }),
    'POST /event': ({ type, data, to }) =>
      server.send(eventType(type), isObject(data) ? data : {}, isObject(to) ? to : {}),
    'POST /raw': ({ text: frame, to }) => server.sendRaw(text(frame, 'text'), isObject(to) ? to : {}),
    'POST /close': ({ code, reason, to }) =>
      server.closeConnections(Number(code ?? 1001), String(reason ?? ''), isObject(to) ? to : {}),
    'POST /break': ({ to }) => server.breakConnections(isObject(to) ? to : {}),
    'POST /restart': ({ keep_log }) => server.restart({ keepLog: keep_log !== false }),
    'POST /drain': ({ spread_ms, deadline_ms }) =>
      server.drain({ spreadMs: Number(spread_ms ?? 1_000), deadlineMs: Number(deadline_ms ?? 10_000) }),
    'POST /expire-tokens': ({ user }) =>
      server.expireTokens(user === undefined ? undefined : text(user, 'user')),
    'POST /script': (body) => void server.script(checkScriptRule(body)),
    'DELETE /script': () => server.behave(),
    'POST /fault': (body) =>
      void handles.push(proxy.fault(checkFaultRule('kind' in body ? { fault: body } : body))),
    'DELETE /fault': () => {
      for (const handle of handles.splice(0)) handle.end();
      proxy.heal();
    },
  };
}

export interface ControlApi {
  /** `http://127.0.0.1:8081`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the control API of a stand-alone fake server, on this machine only. */
export async function startControlApi(
  server: FakeServer,
  proxy: FaultProxy,
  port: number,
): Promise<ControlApi> {
  const table = routes(server, proxy);
  const http = createServer((request, response) => {
    void answer(table, request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      response.end(`${JSON.stringify(body)}\n`);
    });
  });
  await listen(http, port);
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => http.close(() => resolve())),
  };
}

async function answer(
  table: Readonly<Record<string, Route>>,
  request: IncomingMessage,
): Promise<{ status: number; body: unknown }> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://control');
  const name = `${request.method} ${pathname}`;
  const route = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!route)
    return {
      status: 404,
      body: { error: `There is no ${name}.`, remedy: `There are: ${Object.keys(table).join(', ')}.` },
    };
  try {
    return { status: 200, body: (await route(await readBody(request), searchParams)) ?? { ok: true } };
  } catch (error) {
    const { code, message, remedy } =
      error instanceof TestkitError
        ? error
        : { code: 'failed', message: String(error), remedy: 'Look at the request.' };
    return { status: 400, body: { code, error: message, remedy } };
  }
}

async function readBody(request: IncomingMessage): Promise<Body> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > BODY_MAX)
      throw new TestkitError('bad_argument', 'The body is too long.', `Send at most ${BODY_MAX} characters.`);
  }
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {}
  throw new TestkitError('bad_argument', 'The body is no JSON object.', 'Send an object, or nothing.');
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new TestkitError('bad_argument', `${name} is ${JSON.stringify(value)}.`, 'Give a string.');
}

function eventType(value: unknown) {
  if (typeof value === 'string' && isEventType(value)) return value;
  throw new TestkitError(
    'bad_argument',
    `type is ${JSON.stringify(value)}.`,
    'Give an event of the contract, such as chat.message; anything else can be sent with /raw.',
  );
}

async function listen(http: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause) =>
      reject(
        new TestkitError(
          'port_taken',
          `The control API cannot listen on port ${port}.`,
          'Give another with --control-port, or 0 for a free one.',
          { cause },
        ),
      ),
    );
    http.listen(port, '127.0.0.1', resolve);
  });
}
