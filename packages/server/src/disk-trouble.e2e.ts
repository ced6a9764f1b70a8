import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { toolOrSkip } from '../../../scripts/tools.mjs';
import { filesOf, holdLock, type Relief, refuseCalls, WRITES } from './testing/disk-troubles.js';
import { DrillServer } from './testing/drill-server.js';
import type { Heard, RawClient } from './testing/raw-client.js';

const PATIENCE = { timeout: 20_000, interval: 100 };
const strace = toolOrSkip('strace');

const folders: string[] = [];
const servers: DrillServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.end('SIGKILL');
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'goconnect trouble-'));
  folders.push(folder);
  return folder;
}

function start(folder: string, under: readonly string[] = []): DrillServer {
  const server = DrillServer.start(folder, { under });
  servers.push(server);
  return server;
}

const databaseIn = (folder: string) => join(folder, 'goconnect.db');
const say = (client: RawClient, opId: string) =>
  client.ask('chat.send', opId, { scope: 'network:lobby', body: `this is ${opId}` });
const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const sayAll = (client: RawClient, opIds: readonly string[]) =>
  Promise.all(opIds.map((opId) => say(client, opId)));

/** What everybody was told of: place and text. */
const heardBy = (client: RawClient) =>
  client.heard.filter(({ type }) => type === 'chat.message') as (Heard & { readonly seq: number })[];

/** Nothing of ours in it: no path, no SQL, no name of a library. */
function expectClearError({ type, error }: Heard): void {
  expect(type).toBe('error');
  expect(error).toEqual({
    code: 'ERR_HANDLER_FAILED',
    message: 'The server failed to handle this message; trying again may help',
    details: { correlation_id: expect.stringMatching(/^[0-9a-f]+$/) },
  });
}

/**
 * Acknowledged messages, then trouble that an idle server notices, requests that fail clearly while everybody stays
 * and may read, and everything goes on by itself when the cause is gone.
 */
async function drill(
  server: DrillServer,
  begin: () => Promise<Relief>,
  fault: string,
  advice: RegExp,
): Promise<void> {
  const ada = await server.connect('ada');
  const grace = await server.connect('grace');
  const before = await sayAll(ada, names('before', 5));
  expect(before.map(({ type }) => type)).toEqual(Array(5).fill('ack'));

  const relieve = await begin();
  try {
    await vi.waitFor(
      async () => expect(await server.ready()).toEqual({ status: 503, store: fault }),
      PATIENCE,
    );
    for (const answer of await sayAll(ada, names('during', 10))) expectClearError(answer);
    for (const answer of await sayAll(grace, names('also', 10))) expectClearError(answer);
    // Who asks again is told so again, and repeats of what was done before need no disk.
    for (const answer of await sayAll(ada, names('during', 10))) expectClearError(answer);
    expect((await grace.ask('presence.ping', 'ping')).type).toBe('presence.pong');
    const { data } = await grace.ask('chat.history', 'read', { scope: 'network:lobby' });
    expect(data?.messages).toHaveLength(5);
    expect(await server.metrics()).toContain(`\ngoconnect_store_fault{fault="${fault}"} 1\n`);
    expect((await fetch(`${await server.url()}/health`)).status).toBe(200);
  } finally {
    await relieve();
  }
  await vi.waitFor(async () => expect(await server.ready()).toEqual({ status: 200, store: 'ok' }), PATIENCE);
  expect(await server.metrics()).toContain(`\ngoconnect_store_fault{fault="${fault}"} 0\n`);

  // One line for each change, however many requests failed.
  const spoken = () => server.lines.filter(({ level, msg }) => level === 'error' || /again$/.test(msg));
  const lines = [
    expect.objectContaining({ level: 'error', fault, msg: expect.stringMatching(advice) }),
    expect.objectContaining({ level: 'info', was: fault, msg: 'the database works again' }),
  ];
  await vi.waitFor(() => expect(spoken()).toEqual(lines), PATIENCE);

  const failed = [...(await sayAll(ada, names('during', 10))), ...(await sayAll(grace, names('also', 10)))];
  expect(new Set(failed.map(({ type }) => type))).toEqual(new Set(['ack']));
  const again = await sayAll(ada, names('before', 5));
  expect(again.map(({ data }) => data)).toEqual(before.map(({ data }) => data));

  // Nobody was sent away, nobody heard of anything that was not kept, and there is no hole.
  await vi.waitFor(() => expect(heardBy(grace)).toHaveLength(25), PATIENCE);
  expect(heardBy(grace).map(({ seq }) => seq)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  expect(heardBy(ada)).toEqual(heardBy(grace));
  const { data: kept } = await ada.ask('chat.history', 'all', { scope: 'network:lobby', limit: 100 });
  const bodies = ((kept?.messages ?? []) as { body: string }[]).map(({ body }) => body).sort();
  const said = [...names('before', 5), ...names('during', 10), ...names('also', 10)];
  expect(bodies).toEqual(said.map((name) => `this is ${name}`).sort());
  await server.end('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
}

/** A disk of its own for the server, where this user may make one. */
const SMALL_DISK = ['unshare', '--map-root-user', '--mount', 'sh', '-c'];
const mayMount = spawnSync('unshare', [...SMALL_DISK.slice(1), 'mount -t tmpfs tmpfs /tmp']).status === 0;

// At once: most of it is waiting for the server to look at its disk.
describe('a server whose disk or database is in trouble', { concurrent: true }, () => {
  it.skipIf(!mayMount)('full, for real: a small disk of its own (needs the right to mount)', async () => {
    const folder = await newFolder();
    const mount = 'mount -t tmpfs -o size=4m tmpfs "$0" && cd "$0" && exec "$@"';
    const server = start(folder, [...SMALL_DISK, mount, folder]);
    await server.url();
    // The disk is in a world of its own, in which only the process is.
    const filler = join('/proc', String(server.pid), 'root', folder, 'filler');
    const fill = async (): Promise<Relief> => {
      await expect(writeFile(filler, Buffer.alloc(4 * 2 ** 20, 1))).rejects.toThrow('ENOSPC');
      return () => rm(filler);
    };
    await drill(server, fill, 'disk_full', /is full: free space on it/);
  });

  it.skipIf(strace === undefined).each([
    ['full', 'ENOSPC', WRITES, 'disk_full', /is full: free space on it/],
    ['read-only', 'EROFS', WRITES, 'read_only', /read-only: look at the mount/],
    ['not syncing', 'EIO', 'fsync,fdatasync', 'io_error', /look at the kernel log/],
  ])('%s', async (_, error, calls, fault, advice) => {
    const folder = await newFolder();
    const server = start(folder);
    const refusal = { calls, error, files: filesOf(databaseIn(folder)) };
    await drill(server, () => refuseCalls(strace ?? '', server.pid, refusal), fault, advice);
  });

  it('locked by another process', async () => {
    const folder = await newFolder();
    await drill(start(folder), () => holdLock(databaseIn(folder)), 'locked', /another process holds a lock/);
  });

  it('locked: who waits for the lock holds up nobody who only reads', async () => {
    const folder = await newFolder();
    const server = start(folder);
    const ada = await server.connect('ada');
    const grace = await server.connect('grace');
    const release = await holdLock(databaseIn(folder));
    const order: string[] = [];
    const waiting = say(ada, 'waits').then(({ type }) => order.push(type));
    await grace.ask('presence.ping', 'ping').then(({ type }) => order.push(type));
    await grace.ask('chat.history', 'read', { scope: 'network:lobby' }).then(() => order.push('history'));
    await waiting;
    expect(order).toEqual(['presence.pong', 'history', 'error']);
    await release();
  });
});
