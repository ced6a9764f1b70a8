import { cp, mkdtemp, open, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolOrSkip } from '../../../scripts/tools.mjs';
import { filesOf, holdLock, refusedFromStart, WRITES } from './testing/disk-troubles.js';
import { DrillServer } from './testing/drill-server.js';

const strace = toolOrSkip('strace');
const PAGE = 4096;

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'goconnect start-'));
  folders.push(folder);
  return folder;
}

const databaseIn = (folder: string) => join(folder, 'goconnect.db');

/** A server was here before, and left a database: the same for all. */
let left: string;
beforeAll(async () => {
  left = await newFolder();
  const server = DrillServer.start(left);
  await server.url();
  await server.end('SIGTERM');
});

/** A folder with the database of a server that was here before. */
async function oldFolder(): Promise<string> {
  const folder = await newFolder();
  await cp(left, folder, { recursive: true });
  return folder;
}

/** The one line with which it ends. */
async function refusal(folder: string, under: readonly string[] = []): Promise<string> {
  const server = DrillServer.start(folder, { under });
  expect(await server.ended).toEqual({ code: 1, signal: null });
  expect(server.errors).toMatch(/^goconnect-server cannot start: DATABASE_URL: [^\n]*\n$/);
  expect(server.errors).toContain(databaseIn(folder));
  return server.errors;
}

async function starts(folder: string): Promise<void> {
  const server = DrillServer.start(folder);
  await server.url();
  expect(await server.ready()).toEqual({ status: 200, store: 'ok' });
  await server.end('SIGTERM');
}

/** All but opening: the files are there. */
const GROWTH = 'pwrite64,pwritev,write,ftruncate,fallocate';

describe('a server does not start on a disk that is', { concurrent: true }, () => {
  it.skipIf(strace === undefined).each([
    ['full, with a new database', 'new', 'ENOSPC', GROWTH, 'the disk is full, free space on it.'],
    ['full, with an old database', 'old', 'ENOSPC', GROWTH, 'the disk is full, free space on it.'],
    ['read-only, with a new database', 'new', 'EROFS', WRITES, 'the file system is read-only.'],
    ['read-only, with an old database', 'old', 'EROFS', WRITES, 'the file system is read-only.'],
    ['not syncing', 'old', 'EIO', 'fsync,fdatasync', 'cannot be read or written: look at the disk.'],
  ])('%s', async (_, age, error, calls, told) => {
    const folder = age === 'old' ? await oldFolder() : await newFolder();
    const files = filesOf(databaseIn(folder));
    expect(await refusal(folder, refusedFromStart(strace ?? '', { calls, error, files }))).toContain(told);
    await starts(folder);
  });
});

async function spoil(path: string, at: number, bytes: number): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.alloc(bytes, 0xa5), 0, bytes, at);
  await file.close();
}

describe('a server does not start on a database that', { concurrent: true }, () => {
  it('another process has locked', async () => {
    const folder = await oldFolder();
    const release = await holdLock(databaseIn(folder));
    expect(await refusal(folder)).toContain('is in use by another process: stop that one first');
    await release();
    await starts(folder);
  });

  it.each([
    ['in its first page', (path: string) => spoil(path, 0, 100)],
    ['in its list of tables', (path: string) => spoil(path, 100, PAGE - 100)],
    ['in a page of a table', (path: string) => spoil(path, 5 * PAGE, PAGE)],
    ['because its end is missing', (path: string) => truncate(path, 7 * PAGE)],
  ])('is damaged %s', async (_, damage) => {
    const folder = await oldFolder();
    await damage(databaseIn(folder));
    const { size } = await stat(databaseIn(folder));
    expect(await refusal(folder)).toMatch(/is damaged: restore it from a backup|is not a SQLite database/);
    // It is left as it is: somebody may still get something out of it.
    expect((await stat(databaseIn(folder))).size).toBe(size);
  });
});
