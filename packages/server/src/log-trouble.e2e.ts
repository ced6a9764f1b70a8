import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toolOrSkip } from '../../../scripts/tools.mjs';
import { refuseCalls } from './testing/disk-troubles.js';

const BIN = fileURLToPath(new URL('../dist/bin.js', import.meta.url));
const FULL = '/dev/full';
const strace = toolOrSkip('strace');
const python = toolOrSkip('python3');
/** Becomes a command on a terminal that nobody reads, as after Ctrl-S: who could is the command itself. */
const ON_A_TERMINAL = `
import os, pty, sys
reader, terminal = pty.openpty()
os.set_inheritable(reader, True)
os.dup2(terminal, 1)
os.execv(sys.argv[1], sys.argv[1:])
`;

let folder: string;
const files: FileHandle[] = [];
const running: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect log-'));
});
afterEach(async () => {
  for (const child of running.splice(0)) {
    const ended = once(child, 'close');
    if (child.kill('SIGKILL')) await ended;
  }
  for (const file of files.splice(0)) await file.close();
  await rm(folder, { recursive: true, force: true });
});

/** Its log does not tell where it listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function start(stdout: number | 'pipe', env: Record<string, string> = {}, wrapper: string[] = []) {
  const port = await freePort();
  const [program = '', ...args] = [...wrapper, process.execPath, BIN];
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', stdout, 'pipe'],
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: 'file:./goconnect.db',
      JWT_SECRET: 'a secret of the drills, and only of them',
      LOG_LEVEL: 'debug',
      ...env,
    },
  });
  running.push(child);
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, errors }));
  const statusOf = async (path: string) => {
    const signal = AbortSignal.timeout(5_000);
    return (await fetch(`http://127.0.0.1:${port}${path}`, { signal })).status;
  };
  // What is answered before is answered without a line.
  await vi.waitFor(async () => expect(await statusOf('/ready')).toBe(200), { timeout: 20_000, interval: 50 });
  return { child, ended, health: () => statusOf('/health') };
}

const CLEAN = { code: 0, signal: null, errors: '' };

describe('a server whose log', { concurrent: false }, () => {
  it.skipIf(!existsSync(FULL)).each([{}, { GOCONNECT_DEV: '1' }])(
    'is on a full disk answers, and stops in time: %j',
    async (env) => {
      const full = await open(FULL, 'w');
      files.push(full);
      const { child, ended, health } = await start(full.fd, env);
      for (let count = 0; count < 50; count++) expect(await health()).toBe(200);
      child.kill('SIGTERM');
      expect(await ended).toEqual(CLEAN);
    },
  );

  it.skipIf(strace === undefined)('had a full disk for a while has its lines again', async () => {
    const path = join(folder, 'log');
    const log = await open(path, 'a');
    files.push(log);
    const { child, ended, health } = await start(log.fd);
    const refusal = { calls: 'write', error: 'ENOSPC', files: [path] };
    const relieve = await refuseCalls(strace ?? '', child.pid ?? -1, refusal);
    const before = readFileSync(path, 'utf8');
    for (let count = 0; count < 50; count++) expect(await health()).toBe(200);
    expect(readFileSync(path, 'utf8')).toBe(before);
    await relieve();
    const since = () => readFileSync(path, 'utf8').slice(before.length).trimEnd().split('\n');
    const requests = () => since().filter((line) => line.includes('"msg":"request"')).length;
    await vi.waitFor(() => expect(requests(), since().join('\n')).toBeGreaterThanOrEqual(50), 10_000);
    child.kill('SIGTERM');
    expect(await ended).toEqual(CLEAN);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  it('has lost its reader goes on, and stops in time', async () => {
    const { child, ended, health } = await start('pipe');
    child.stdout?.destroy();
    for (let count = 0; count < 50; count++) expect(await health()).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toEqual(CLEAN);
  });

  it('has a reader that does not read goes on, and stops in time', async () => {
    const { child, ended, health } = await start('pipe');
    // Nobody reads until `data` is listened for, and a pipe holds 64 KB.
    for (let count = 0; count < 1_000; count++) expect(await health()).toBe(200);
    child.kill('SIGTERM');
    const exited = once(child, 'exit');
    expect(await exited).toEqual([0, null]);
    child.stdout?.resume();
    expect(await ended).toEqual(CLEAN);
  });

  it.skipIf(python === undefined || !existsSync('/proc/self/fd'))(
    'is on a terminal that stands still goes on, and stops in time',
    async () => {
      const { child, ended, health } = await start('pipe', {}, [python ?? '', '-c', ON_A_TERMINAL]);
      for (let count = 0; count < 200; count++) expect(await health()).toBe(200);
      child.kill('SIGTERM');
      expect(await ended).toEqual(CLEAN);
    },
  );
});
