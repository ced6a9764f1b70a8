import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Started, startCommand } from './testing/command.js';
import { effort } from './testing/effort.js';
import { connectRaw } from './testing/raw-client.js';

const SECRET = 'canary-0123456789-0123456789-0123456789';

describe('the goconnect-server command', () => {
  let folder: string;
  const running: Started[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goconnect bin-'));
  });
  afterEach(async () => {
    for (const { process, ended } of running.splice(0)) {
      process.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true });
  });

  function start(env: Record<string, string>, ...args: string[]): Started {
    const started = startCommand(folder, env, args);
    running.push(started);
    return started;
  }

  const dev = { GOCONNECT_DEV: '1', PORT: '0' };
  const urlOf = async (server: Started) => (await server.until(/HTTP API {3}(http:\/\/[^/\s]+)\//))[1] ?? '';
  const login = async (url: string) => {
    const body = JSON.stringify({ email: 'ada@goconnect.example', password: 'goconnect' });
    const response = await fetch(`${url}/v1/auth/login`, { method: 'POST', body });
    return ((await response.json()) as { data: { access_token: string } }).data.access_token;
  };

  /** Somebody is connected, so that it is still there and not ready. */
  const draining = async (signal: NodeJS.Signals) => {
    const server = start({ ...dev, DRAIN_TIMEOUT: '1h' });
    const url = await urlOf(server);
    const client = await connectRaw(`${url.replace('http', 'ws')}/v1/ws`, { token: await login(url) });
    server.process.kill(signal);
    await expect.poll(async () => (await fetch(`${url}/ready`)).status).toBe(503);
    return { server, url, client };
  };

  it('says where it is and whom to log in as, and warns (development mode)', async () => {
    const server = start(dev);
    const url = await urlOf(server);
    await server.until(/Ctrl-C stops it/);
    expect(server.output()).toContain(
      'ada@goconnect.example, grace@goconnect.example, linus@goconnect.example',
    );
    expect(server.output()).toContain('DEVELOPMENT MODE');
    expect(await login(url)).toMatch(/^ey/);
    expect((await stat(join(folder, 'data', 'goconnect-dev-secret'))).mode & 0o777).toBe(0o600);
    expect(existsSync(join(folder, 'data', 'goconnect.db'))).toBe(true);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'stops cleanly on %s, with somebody connected',
    async (signal) => {
      const server = start(dev);
      const url = await urlOf(server);
      const client = await connectRaw(`${url.replace('http', 'ws')}/v1/ws`, { token: await login(url) });
      server.process.kill(signal);
      expect(await client.closed).toBe(4412);
      expect(await server.ended).toEqual({ code: 0, signal: null });
      expect(server.errors()).toBe('');
    },
  );

  it('stops cleanly on Ctrl-C right after the start, whenever that is', async () => {
    const all = [0, 100, 200, 300, 400, 600, 800];
    const delays = all.filter((_, index) => index % effort({ test: 2, ci: 1, prove: 1 }) === 0);
    const stop = async (delayMs: number) => {
      const server = start({ ...dev, DATABASE_URL: `file:./data-${delayMs}/a.db` });
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      server.process.kill('SIGINT');
      const { code, signal } = await server.ended;
      return `${code} ${signal} ${server.errors()}`;
    };
    // Before its first line ran, the signal ends it as any program.
    for (const end of await Promise.all(delays.map(stop))) expect(['0 null ', 'null SIGINT ']).toContain(end);
    // What it left behind is good to start from.
    const again = delays.map((delayMs) => start({ ...dev, DATABASE_URL: `file:./data-${delayMs}/a.db` }));
    for (const server of again) expect(await login(await urlOf(server))).toMatch(/^ey/);
  });

  it.each([
    ['SIGINT', 'SIGINT', 130],
    ['SIGTERM', 'SIGTERM', 143],
    ['SIGHUP', 'SIGTERM', 143],
  ] as const)('stops at once on the second signal: %s, %s', async (first, second, code) => {
    const { server, url, client } = await draining(first);
    // A terminal that closes says so more than once, and systemd may say it beside SIGTERM: no hand did that.
    server.process.kill('SIGHUP');
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    server.process.kill(second);
    expect(await server.ended).toEqual({ code, signal: null });
    client.socket.terminate();
  });

  it('ends with one line and code 1 when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const server = start({ ...dev, PORT: String(port) });
    expect(await server.ended).toEqual({ code: 1, signal: null });
    expect(server.errors()).toBe(
      `goconnect-server cannot start: 127.0.0.1:${port} is taken by another program; stop it or set PORT to another port\n`,
    );
    expect(server.output()).toBe('');
    other.close();
  });

  it('ends with one line and code 1 when another server has its database', async () => {
    const first = start(dev);
    await urlOf(first);
    const second = start(dev);
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.errors()).toMatch(/^goconnect-server cannot start: DATABASE_URL: .*\n$/);
  });

  it('names every wrong setting, what was found and what is accepted, and starts nothing', async () => {
    const server = start({
      PORT: 'http',
      WS_PONG_WAIT: '60',
      WS_ALLOWED_ORIGINS: '*',
      JWT_SECRET: 'canary-short',
    });
    expect(await server.ended).toEqual({ code: 1, signal: null });
    const lines = server.errors().trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    for (const variable of [
      'PORT=http',
      'WS_PONG_WAIT=60',
      'WS_ALLOWED_ORIGINS=*',
      'JWT_SECRET=(12 bytes, not shown)',
    ]) {
      expect(server.errors()).toContain(`  ${variable}: `);
    }
    expect(server.errors()).not.toContain('canary');
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('needs a secret outside development mode', async () => {
    const server = start({ PORT: '0' });
    expect((await server.ended).code).toBe(1);
    expect(server.errors()).toContain('JWT_SECRET: required');
  });

  it('writes log lines as JSON outside development mode', async () => {
    const server = start({ JWT_SECRET: SECRET, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'debug' });
    await server.until(/"port":(\d+)/);
    server.process.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
    expect(server.output()).toContain('"msg":"listening"');
    for (const line of server.output().trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
  });

  it('keeps what was said when it is started again', async () => {
    const first = start(dev);
    const url = await urlOf(first);
    const token = await login(url);
    const headers = { authorization: `Bearer ${token}` };
    await fetch(`${url}/v1/networks/lobby`, {
      method: 'PATCH',
      headers,
      body: JSON.stringify({ name: 'Hall' }),
    });
    first.process.kill('SIGTERM');
    await first.ended;

    const again = await urlOf(start(dev));
    const lobby = await (await fetch(`${again}/v1/networks/lobby`, { headers })).json();
    expect(lobby).toMatchObject({ data: { name: 'Hall' } });
  });

  it('explains itself', async () => {
    const run = async (env: Record<string, string>, ...args: string[]) => {
      const server = start(env, ...args);
      return { ...(await server.ended), output: server.output(), errors: server.errors() };
    };
    const [version, help, right, wrong, missing, printed, unknown] = await Promise.all([
      run({}, '--version'),
      run({}, '--help'),
      run({ JWT_SECRET: SECRET }, '--check-config'),
      run({}, '--check-config'),
      run({ JWT_JWKS_URL: 'file:nope.json', STATIC_DIR: 'nope' }, '--check-config'),
      run({ JWT_SECRET: SECRET, PORT: '81' }, '--print-config'),
      run({}, '--port=1'),
    ]);
    expect([version.code, version.output]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/)]);
    expect([help.code, help.output]).toEqual([0, expect.stringContaining('WS_PING_PERIOD')]);
    expect([right.code, right.output]).toEqual([0, 'The settings are right.\n']);
    expect([wrong.code, wrong.errors]).toEqual([1, expect.stringContaining('JWT_SECRET: required')]);
    expect([missing.code, missing.errors]).toEqual([
      1,
      'goconnect-server cannot start: STATIC_DIR: there is no folder nope; JWT_JWKS_URL: file:nope.json is not there\n',
    ]);
    expect([printed.code, printed.output]).toEqual([0, expect.stringContaining('PORT=81\n')]);
    expect(printed.output).not.toContain('canary');
    expect([unknown.code, unknown.errors]).toEqual([
      2,
      expect.stringMatching(/^goconnect-server: .*--help.*\nUsage: goconnect-server .*\n$/),
    ]);
  });
});
