import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type ServerOptions } from '../create-server.js';
import { connectRaw, type RawClient } from './raw-client.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON where it is JSON, else the text. */
  readonly body: unknown;
  /** `data` of an answer about one thing, of a list, for a test to look into. */
  readonly data: Readonly<Record<string, string>>;
  readonly list: readonly Readonly<Record<string, string>>[];
}

export interface Call {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface TestServer {
  readonly server: Server;
  readonly url: string;
  readonly folder: string;
  /** Every log line, as JSON. */
  readonly logs: readonly string[];
  call(method: string, path: string, call?: Call): Promise<Answer>;
  /** Access token of a demo user (`ada`) or of anybody with the password `goconnect`. */
  tokenOf(name: string): Promise<string>;
  /** Makes an account and logs in. */
  newUser(name: string): Promise<{ readonly id: string; readonly token: string }>;
  /** Speaks the published contract, or with `v1` the session extension. */
  connect(token: string, dialect?: 'v1'): Promise<RawClient>;
  /** Stops the server and removes its folder. */
  end(): Promise<void>;
}

/** The real server in development mode, on a free port and a SQLite file of its own. */
export async function startTestServer(options: ServerOptions = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'goconnect test-'));
  const logs: string[] = [];
  const log = (level: string) => (fields: object, message: string) => {
    const shown = Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? `${value.stack} ${JSON.stringify(value)}` : value,
    ]);
    logs.push(JSON.stringify({ level, message, ...Object.fromEntries(shown) }));
  };
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  const databaseUrl = `file:${join(folder, 'goconnect.db')}`;
  const server = createServer({ dev: true, port: 0, databaseUrl, logger, ...options });
  const { url, wsUrl } = await server.start();

  const call: TestServer['call'] = async (method, path, { token, body, headers = {} } = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    const answered = isJson ? JSON.parse(text) : text;
    return {
      status: response.status,
      headers: response.headers,
      body: answered,
      data: answered.data,
      list: answered.data,
    };
  };
  const login = async (email: string) => {
    const answer = await call('POST', '/v1/auth/login', { body: { email, password: 'goconnect' } });
    if (answer.status !== 200)
      throw new Error(`log-in of ${email}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.data.access_token ?? '';
  };

  return {
    server,
    url,
    folder,
    logs,
    call,
    tokenOf: (name) => login(`${name}@goconnect.example`),
    async newUser(name) {
      const email = `${name}@people.example`;
      const { data } = await call('POST', '/v1/auth/register', {
        body: { email, password: 'goconnect', name },
      });
      return { id: data.id ?? '', token: await login(email) };
    },
    connect: (token, dialect) =>
      connectRaw(wsUrl, { token, ...(dialect && { protocols: ['goconnect.v1'] }) }),
    async end() {
      await server.stop({ drainMs: 0 });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
