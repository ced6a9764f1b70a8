import { createServer, type IncomingMessage } from 'node:http';
import type { FakeServer } from '../fake-server/fake-server.js';
import { checkScriptRule, requestType } from '../fake-server/script-rule.js';
import { checkFaultRule } from '../network/fault-plan.js';
import type { FaultProxy } from '../network/fault-proxy.js';
import { isObject } from '../support/is-object.js';
import { listenOn } from '../support/listen-on.js';
import { parsed } from '../support/parsed.js';
import {
  amount,
  type Checked,
  check,
  checkFields,
  eventType,
  finite,
  flag,
  optional,
  type Rules,
  record,
  text,
} from '../support/rules.js';
import { TestkitError } from '../support/testkit-error.js';

type Body = Readonly<Record<string, unknown>>;
type Route = (body: Body, query: URLSearchParams) => unknown;

/** Bytes of a request's body. */
const BODY_MAX = 1024 * 1024;

/** A call whose body has these fields and no others: a misspelt one is a mistake, and not left out. */
const call =
  <R extends Rules>(fields: R, run: (body: Checked<R>, query: URLSearchParams) => unknown): Route =>
  (body, query) =>
    run(checkFields(body, fields, 'The body'), query);

/** What tests in other languages ask for, over HTTP: each call answers JSON, mistakes with 400 and what to do. */
function routes(server: FakeServer, proxy: FaultProxy): Readonly<Record<string, Route>> {
  const handles: { end(): void }[] = [];
  const to = optional(record);
  return {
    'GET /url': call({}, () => ({ url: proxy.url })),
    'POST /token': call({ user: text, expires_in: optional(finite) }, ({ user, expires_in }) =>
      server.tokens(user, expires_in === undefined ? {} : { expiresIn: expires_in }),
    ),
    'GET /received': call({}, (_, query) => {
      const type = query.get('type');
      return type === null ? server.received : server.receivedOf(check(type, requestType, 'type'));
    }),
    'DELETE /received': call({}, () => server.forgetReceived()),
    'GET /connections': call({}, () => server.connections),
    'POST /say': call({ scope: text, user: text, body: text }, ({ scope, user, body }) => ({
      message_id: server.say(scope, user, body),
    })),
    'POST /event': call({ type: eventType('/raw'), data: optional(record), to }, ({ type, data, to }) =>
      server.send(type, data, to),
    ),
    'POST /raw': call({ text, to }, ({ text, to }) => server.sendRaw(text, to)),
    'POST /close': call(
      { code: optional(finite), reason: optional(text), to },
      ({ code = 1001, reason, to }) => server.closeConnections(code, reason, to),
    ),
    'POST /break': call({ to }, ({ to }) => server.breakConnections(to)),
    'POST /restart': call({ keep_log: optional(flag) }, ({ keep_log = true }) =>
      server.restart({ keepLog: keep_log }),
    ),
    'POST /drain': call(
      { spread_ms: optional(amount), deadline_ms: optional(amount) },
      ({ spread_ms = 1_000, deadline_ms = 10_000 }) =>
        server.drain({ spreadMs: spread_ms, deadlineMs: deadline_ms }),
    ),
    'POST /expire-tokens': call({ user: optional(text) }, ({ user }) => server.expireTokens(user)),
    'POST /script': (body) => void server.script(checkScriptRule(body)),
    'DELETE /script': call({}, () => server.behave()),
    'POST /fault': (body) =>
      void handles.push(proxy.fault(checkFaultRule('kind' in body ? { fault: body } : body))),
    'DELETE /fault': call({}, () => {
      for (const handle of handles.splice(0)) handle.end();
      proxy.heal();
    }),
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
  const bound = await listenOn(
    http,
    { host: '127.0.0.1', port },
    'The control API',
    'Give it another with --control-port, or 0 for a free one.',
  );
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        // A test that keeps a connection open, or has sent half a request, must not keep the server.
        http.closeAllConnections();
      }),
  };
}

async function answer(
  table: Readonly<Record<string, Route>>,
  request: IncomingMessage,
): Promise<{ status: number; body: unknown }> {
  const [path = '', query] = (request.url ?? '').split('?', 2);
  const name = `${request.method} ${path}`;
  const route = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!route)
    return {
      status: 404,
      body: { error: `There is no ${name}.`, remedy: `There are: ${Object.keys(table).join(', ')}.` },
    };
  try {
    const body = await readBody(request);
    return { status: 200, body: (await route(body, new URLSearchParams(query))) ?? { ok: true } };
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
  const value = parsed(text);
  if (isObject(value)) return value;
  throw new TestkitError('bad_argument', 'The body is no JSON object.', 'Send an object, or nothing.');
}
