import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolOrSkip } from '../../../scripts/tools.mjs';
import {
  type PostgresServer,
  postgresOrSkip,
  startPostgres,
} from './adapters/sql/testing/postgres-server.js';
import { createServer, type Server, type ServerOptions } from './create-server.js';
import { connectRaw } from './testing/raw-client.js';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const guide = readFileSync(join(PACKAGE, 'OPERATIONS.md'), 'utf8');
const blocks = [...guide.matchAll(/^```sh runnable\n([\s\S]*?)^```/gm)].map(([, shell = '']) => shell);
const promtool = toolOrSkip('promtool');

let folder: string;
let server: Server;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect guide-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'goconnect-server'),
    `#!/bin/sh\nexec "${process.execPath}" "${join(PACKAGE, 'dist', 'bin.js')}" "$@"\n`,
  );
  chmodSync(join(bin, 'goconnect-server'), 0o755);
  cpSync(join(PACKAGE, 'deploy'), join(folder, 'deploy'), { recursive: true });
  const databaseUrl = `file:${join(folder, 'data', 'goconnect.db')}`;
  server = createServer({ dev: true, port: 0, databaseUrl, logLevel: 'silent' });
  await server.start();
});
afterAll(async () => {
  await server?.stop({ drainMs: 0 });
  await rm(folder, { recursive: true, force: true });
});

it('shows at least what an operator needs every day', () => {
  for (const words of ['--check-config', 'backup ', 'migrate', '/ready', 'promtool test rules'])
    expect(blocks.join('\n')).toContain(words);
});

/** In order and in one folder, as somebody who reads on would run them. */
it.each(blocks)('works as shown: %s', async (shell) => {
  if (promtool === undefined && shell.includes('promtool')) return;
  const env = {
    PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
    DATABASE_URL: 'file:./data/goconnect.db',
  };
  const here = shell.replaceAll('localhost:8080', new URL(server.address.url).host);
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    const child = execFile('bash', ['-euo', 'pipefail', '-c', here], { cwd: folder, env }, (_, out, errors) =>
      resolve({ code: child.exitCode ?? -1, output: out + errors }),
    );
  });
  expect(code, output).toBe(0);
});

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('after a restore of pg_dump', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres(binaries ?? '');
  });
  afterAll(() => postgres?.stop());

  it('the statement of the guide gives each room another epoch, which clients are told of as a gap', async () => {
    const [, statement = ''] = /`(UPDATE rooms [^`]*;)`/.exec(guide) ?? [];
    const url = await postgres.database();
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const options = {
      dev: true,
      port: 0,
      databaseUrl: url,
      logger,
      jwtSecret: 'a secret of this test, over 32 bytes',
    };
    const before = await positions(options);
    const schema = /search_path%3D(\w+)/.exec(url)?.[1];
    await postgres.run(`SET search_path TO ${schema}; ${statement}`);
    const after = await positions(options, before);
    expect(before.length).toBeGreaterThan(2);
    expect(after.map(({ room, status }) => [room, status])).toEqual(before.map(({ room }) => [room, 'gap']));
    expect(new Set([...before, ...after].map(({ epoch }) => epoch)).size).toBe(2 * before.length);
  });
});

interface Position {
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
  readonly status?: string;
}

/** Where the rooms of a user stand, or what a resume from there says. */
async function positions(options: ServerOptions, from?: readonly Position[]): Promise<readonly Position[]> {
  const one = createServer(options);
  const { url, wsUrl } = await one.start();
  try {
    const body = JSON.stringify({ email: 'ada@goconnect.example', password: 'goconnect' });
    const response = await fetch(`${url}/v1/auth/login`, { method: 'POST', body });
    const { data } = (await response.json()) as { data: { access_token: string } };
    const client = await connectRaw(wsUrl, { token: data.access_token, protocols: ['goconnect.v1'] });
    const answer = from
      ? await client.ask('session.resume', 'resume', {
          positions: from.map(({ room, epoch, seq }) => ({ room, epoch, seq })),
        })
      : await client.event('session.welcome');
    await client.close();
    return answer.data?.rooms as readonly Position[];
  } finally {
    await one.stop({ drainMs: 0 });
  }
}
