import { createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from '@goconnect/server';
import { httpTarget, type ServerTarget } from '../src/index.js';

const SECRET = 'a secret that only this test knows, 32 bytes and more';
const EDIT_WINDOW_MS = 20_000;
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

export interface ReferenceServer {
  readonly target: ServerTarget;
  stop(): Promise<void>;
}

/** The real server on a free port, with a database of its own, as a target of every case. */
export async function startReferenceServer(): Promise<ReferenceServer> {
  const folder = await mkdtemp(join(tmpdir(), 'goconnect-conformance-'));
  const create = (port: number) =>
    createServer({
      port,
      host: '127.0.0.1',
      databaseUrl: `file:${join(folder, 'server.db')}`,
      jwtSecret: SECRET,
      // Every case registers users of its own: their passwords need not be dear to hash. Pages of other origins stay out.
      dev: true,
      wsAllowedOrigins: ['https://chat.example'],
      // Long enough for a slow machine, short enough for the long form of the cases.
      chatEditWindowMs: EDIT_WINDOW_MS,
      logger: SILENT,
    });
  let server = create(0);
  const { port } = await server.start();
  const again = async (drainMs: number) => {
    await server.stop({ drainMs });
    server = create(port);
    const { url } = await server.start();
    // A kept-alive HTTP connection to the old server must not fail the next call.
    while (!(await fetch(`${url}/health`).catch(() => undefined))?.ok);
  };
  const base = await httpTarget({ url: `ws://127.0.0.1:${port}/v1/ws`, http: `http://127.0.0.1:${port}` });
  const [first] = base.users;
  const { tenant_id } = claimsOf(first?.token ?? '');
  const target: ServerTarget = {
    ...base,
    editWindowMs: EDIT_WINDOW_MS,
    // Other suites run beside this one.
    deadlineMs: 15_000,
    foreigner: { id: 'stranger', token: sign({ user_id: 'stranger', tenant_id: 'another-tenant' }, 3_600) },
    ...(base.admin && {
      admin: {
        ...base.admin,
        shortToken: async (user: { readonly id: string }, seconds: number) =>
          sign({ user_id: user.id, tenant_id }, seconds),
        restart: () => again(0),
        drain: () => again(300),
      },
    }),
  };
  return {
    target,
    async stop() {
      await server.stop({ drainMs: 0 });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Lets real time pass; only the long form of the proof takes it. */
export const realTime = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
}

function sign(claims: object, seconds: number): string {
  const iat = Math.floor(Date.now() / 1_000);
  const payload = {
    is_admin: false,
    is_moderator: false,
    type: 'access',
    jti: randomUUID(),
    iat,
    exp: iat + seconds,
    ...claims,
  };
  const head = [{ alg: 'HS256', typ: 'JWT' }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${head}.${createHmac('sha256', SECRET).update(head).digest('base64url')}`;
}
