import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.js';
import { createStaticFiles } from './static-files.js';

describe('STATIC_DIR', () => {
  let server: TestServer;
  let folder: string;
  const html = { accept: 'text/html' };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goconnect page-'));
    const dist = join(folder, 'dist');
    await mkdir(join(dist, 'assets'), { recursive: true });
    await mkdir(join(dist, 'sub'));
    await writeFile(join(folder, 'secret.txt'), 'canary');
    await writeFile(join(folder, 'dist-secret.txt'), 'canary');
    await writeFile(join(dist, 'index.html'), '<!doctype html><title>page</title>');
    await writeFile(join(dist, 'sub', 'index.html'), 'sub');
    await writeFile(join(dist, 'assets', 'index-B4f9x2Kq.js'), 'export {};');
    await writeFile(join(dist, 'favicon.svg'), '<svg/>');
    await writeFile(join(dist, '.env'), 'canary');
    await writeFile(join(dist, 'page.weird'), 'x');
    await symlink(join(folder, 'secret.txt'), join(dist, 'linked.txt'));
    server = await startTestServer({ staticDir: dist });
  });
  afterAll(async () => {
    await server.end();
    await rm(folder, { recursive: true });
  });

  /** A path exactly as it is, which `fetch` would tidy up. */
  const raw = (path: string) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      request(`${server.url}/`, { path, headers: html }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      })
        .on('error', reject)
        .end();
    });

  it('is served with a policy that runs nothing but its own scripts', async () => {
    const { status, headers, body } = await server.call('GET', '/');
    expect([status, body]).toEqual([200, '<!doctype html><title>page</title>']);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    const host = new URL(server.url).host;
    expect(headers.get('content-security-policy')?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "font-src 'self'",
      "manifest-src 'self'",
      "worker-src 'self'",
      `connect-src 'self' ws://${host} wss://${host}`,
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-cache');
  });

  it('lets browsers keep for ever what has its hash in its name, and ask again for the rest', async () => {
    const asset = await server.call('GET', '/assets/index-B4f9x2Kq.js');
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const icon = await server.call('GET', '/favicon.svg');
    expect(icon.headers.get('cache-control')).toBe('no-cache');
    const again = await server.call('GET', '/favicon.svg', {
      headers: { 'if-none-match': icon.headers.get('etag') ?? '' },
    });
    expect([again.status, again.body]).toEqual([304, '']);
    expect((await server.call('GET', '/page.weird')).headers.get('content-type')).toBe(
      'application/octet-stream',
    );
  });

  it('answers HEAD without a body', async () => {
    const { status, headers, body } = await server.call('HEAD', '/favicon.svg');
    expect([status, headers.get('content-length'), body]).toEqual([200, '6', '']);
  });

  it("gives the page for addresses that it makes itself, and 404 for files and calls that don't exist", async () => {
    expect((await server.call('GET', '/rooms/lobby', { headers: html })).body).toContain('<title>page');
    expect((await server.call('GET', '/sub/')).body).toBe('sub');
    expect((await server.call('GET', '/rooms/lobby')).status).toBe(404);
    expect((await server.call('GET', '/assets/gone-12345678.js', { headers: html })).status).toBe(404);
    expect((await server.call('GET', '/v1/nowhere', { headers: html })).body).toMatchObject({
      code: 'ERR_NOT_FOUND',
    });
    expect((await server.call('POST', '/', { headers: html, body: {} })).status).toBe(404);
    expect((await server.call('GET', '/health', { headers: html })).body).toMatchObject({ ok: true });
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/%5c..%5csecret.txt',
    '/..%c0%afsecret.txt',
    '/%252e%252e/secret.txt',
    '//../secret.txt',
    '/./../secret.txt',
    '/secret.txt',
    '/../dist-secret.txt',
    '/linked.txt',
    '/.env',
    '/%2eenv',
    '/index.html%00.txt',
    '/file:///etc/passwd',
    `/${'a/'.repeat(5_000)}`,
    '/etc/passwd',
  ])('never leads out of its folder: %s', async (path) => {
    const { status, text } = await raw(path);
    expect(text).not.toContain('canary');
    expect(text).not.toContain('root:');
    expect([200, 400, 404]).toContain(status);
    if (status === 200) expect(text).toContain('<title>page');
  });

  it('puts no hostile host into the policy', async () => {
    const policy = await new Promise<string>((resolve, reject) => {
      const headers = { host: "x; script-src 'unsafe-inline'" };
      request(`${server.url}/`, { headers }, (response) => {
        response.resume();
        resolve(String(response.headers['content-security-policy']));
      })
        .on('error', reject)
        .end();
    });
    expect(policy).not.toContain('unsafe');
  });

  it('ends the connection when a file turns out shorter than was said: what comes next is no part of it', async () => {
    const path = join(folder, 'dist', 'shrinks.bin');
    await writeFile(path, '');
    // More than the two sockets can hold, so that it is cut while it is sent.
    await truncate(path, 64 * 1_048_576);
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write('GET /shrinks.bin HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'readable');
    await truncate(path, 1_024);
    const head = 'HTTP/1.1 200';
    let answers = 0;
    let rest = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const parts = (rest + bytes.toString('latin1')).split(head);
      answers += parts.length - 1;
      rest = parts.at(-1)?.slice(1 - head.length) ?? '';
    });
    await new Promise((resolve) => socket.once('close', resolve));
    expect(answers).toBe(1);
  });

  it('sends of a file that grows what was said, and no more', async () => {
    const path = join(folder, 'dist', 'grows.txt');
    const files = await createStaticFiles(join(folder, 'dist'));
    for (const text of ['', 'said']) {
      await writeFile(path, text);
      const response = await files(new Request('http://x/grows.txt'), 'x');
      await appendFile(path, ' and more');
      expect(response?.headers.get('content-length')).toBe(`${text.length}`);
      expect(await response?.text()).toBe(text);
    }
  });

  it('that is no folder stops the start', async () => {
    await expect(startTestServer({ staticDir: join(folder, 'nowhere') })).rejects.toThrow(
      /STATIC_DIR: there is no folder/,
    );
  });
});
