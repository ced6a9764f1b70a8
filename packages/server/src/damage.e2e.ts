import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DrillServer } from './testing/drill-server.js';
import type { Heard, RawClient } from './testing/raw-client.js';

const BIN = fileURLToPath(new URL('../dist/bin.js', import.meta.url));
const PAGE = 4096;
/** More than SQLite keeps in memory, and enough for the log to be moved into the file. */
const MESSAGES = 900;
const SCOPE = 'network:lobby';

let folder: string;
let server: DrillServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect damage-'));
});
afterEach(async () => {
  await server?.end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const database = () => join(folder, 'goconnect.db');
const say = (client: RawClient, number: number) =>
  client.ask('chat.send', `op-${number}`, { scope: SCOPE, body: `number-${number} `.padEnd(4_000, '.') });
const readAfter = (client: RawClient, opId: string, after: unknown) =>
  client.ask('chat.history', opId, { scope: SCOPE, after, limit: 50 });

/** Puts garbage over every page of the file that holds one of these words. */
async function spoilPages(words: readonly string[]): Promise<number> {
  const bytes = await readFile(database());
  const file = await open(database(), 'r+');
  let spoiled = 0;
  for (let at = 0; at < bytes.length; at += PAGE) {
    const page = bytes.subarray(at, at + PAGE);
    if (!words.some((word) => page.includes(word))) continue;
    await file.write(Buffer.alloc(PAGE, 0xa5), 0, PAGE, at);
    spoiled++;
  }
  await file.close();
  return spoiled;
}

it('a file that is damaged under a running server: it says so, acknowledges nothing more, and starts from a backup', async () => {
  server = DrillServer.start(folder);
  const ada = await server.connect('ada');
  const grace = await server.connect('grace');
  const acks: Heard[] = [];
  for (let number = 0; number < MESSAGES; number += 50)
    acks.push(...(await Promise.all(Array.from({ length: 50 }, (_, index) => say(ada, number + index)))));
  expect(new Set(acks.map(({ type }) => type))).toEqual(new Set(['ack']));
  const backup = join(folder, 'backup.db');
  execFileSync(process.execPath, [BIN, 'backup', backup], {
    env: { PATH: process.env.PATH, DATABASE_URL: `file:${database()}` },
  });

  expect(await spoilPages(['number-11 ', 'number-12 ', 'number-13 '])).toBeGreaterThan(0);
  const { type, error } = await readAfter(grace, 'old', acks[9]?.data?.message_id);
  expect([type, error?.code, Object.keys(error?.details ?? {})]).toEqual([
    'error',
    'ERR_HANDLER_FAILED',
    ['correlation_id'],
  ]);
  expect(await server.ready()).toEqual({ status: 503, store: 'damaged' });
  expect((await say(ada, MESSAGES)).error?.code).toBe('ERR_HANDLER_FAILED');
  expect((await say(grace, MESSAGES + 1)).error?.code).toBe('ERR_HANDLER_FAILED');
  // What is whole can be read, and nobody is sent away.
  expect((await readAfter(grace, 'new', acks.at(-20)?.data?.message_id)).data?.messages).toHaveLength(19);
  expect((await ada.ask('presence.ping', 'ping')).type).toBe('presence.pong');
  expect(await server.ready()).toEqual({ status: 503, store: 'damaged' });
  const told = () => server.lines.filter(({ level }) => level === 'error');
  await expect
    .poll(told)
    .toEqual([
      expect.objectContaining({ fault: 'damaged', msg: expect.stringContaining('restore a backup') }),
    ]);
  await server.end('SIGTERM');

  server = DrillServer.start(folder);
  expect(await server.ended).toEqual({ code: 1, signal: null });
  expect(server.errors).toMatch(
    /^goconnect-server cannot start: .* is damaged: restore it from a backup[^\n]*\n$/,
  );

  for (const end of ['', '-wal', '-shm']) await rm(`${database()}${end}`, { force: true });
  await rename(backup, database());
  server = DrillServer.start(folder);
  const again = await server.connect('ada');
  for (const number of [0, 11, 12, MESSAGES - 1])
    expect((await say(again, number)).data).toEqual(acks[number]?.data);
  expect((await say(again, MESSAGES)).type).toBe('ack');
}, 60_000);
