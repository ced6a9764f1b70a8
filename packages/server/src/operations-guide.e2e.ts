import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toolOrSkip } from '../../../scripts/tools.mjs';
import { createServer, type Server } from './create-server.js';

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
