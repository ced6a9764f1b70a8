import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it, test } from 'vitest';
import { processMetrics } from './process-metrics.js';

const openFiles = async () =>
  Number(/^process_open_fds (\d+)$/m.exec(await processMetrics().metrics())?.[1] ?? Number.NaN);

describe.runIf(process.platform === 'linux')('open files', () => {
  it('counts as many as there are', async () => {
    const before = await openFiles();
    expect(Math.abs(before - readdirSync('/proc/self/fd').length)).toBeLessThan(5);
    const servers = Array.from({ length: 20 }, () => createServer().listen(0, '127.0.0.1'));
    await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
    const during = await openFiles();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    expect(during - before).toBeGreaterThan(15);
  });
});

test('nothing is there that walks over all sockets in the turn that asks', async () => {
  expect(await processMetrics().metrics()).not.toMatch(/nodejs_active_(handles|resources)/);
});
