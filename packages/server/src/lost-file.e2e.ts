import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DrillServer } from './testing/drill-server.js';
import type { RawClient } from './testing/raw-client.js';

const PATIENCE = { timeout: 20_000, interval: 100 };

let folder: string;
let server: DrillServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect lost-'));
});
afterEach(async () => {
  await server?.end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const say = (client: RawClient, opId: string) =>
  client.ask('chat.send', opId, { scope: 'network:lobby', body: `this is ${opId}` });

it('a file that is moved away under a server that is written to: nothing is acknowledged until it is back', async () => {
  const database = join(folder, 'goconnect.db');
  server = DrillServer.start(folder);
  const ada = await server.connect('ada');
  expect((await say(ada, 'before')).type).toBe('ack');
  await rename(database, join(folder, 'away.db'));

  // Somebody writes all the time, so that no write of its own shows how the file does.
  let count = 0;
  await vi.waitFor(async () => {
    const { error } = await say(ada, `busy-${count++}`);
    expect(error?.code).toBe('ERR_HANDLER_FAILED');
  }, PATIENCE);
  expect(await server.ready()).toEqual({ status: 503, store: 'file_gone' });
  expect(await server.metrics()).toContain('\ngoconnect_store_fault{fault="file_gone"} 1\n');
  expect(
    (await ada.ask('chat.history', 'read', { scope: 'network:lobby', limit: 100 })).data?.messages,
  ).toHaveLength(count);

  await rename(join(folder, 'away.db'), database);
  await vi.waitFor(async () => expect(await server.ready()).toEqual({ status: 200, store: 'ok' }), PATIENCE);
  expect((await say(ada, 'after')).type).toBe('ack');
  const told = () => server.lines.filter(({ level, msg }) => level === 'error' || /again$/.test(msg));
  await expect
    .poll(told)
    .toEqual([
      expect.objectContaining({ fault: 'file_gone', msg: expect.stringContaining('is not where it was') }),
      expect.objectContaining({ was: 'file_gone', msg: 'the database works again' }),
    ]);
  await server.end('SIGTERM');

  server = DrillServer.start(folder);
  const again = await server.connect('ada');
  const { data } = await again.ask('chat.history', 'read', { scope: 'network:lobby', limit: 100 });
  expect(data?.messages).toHaveLength(count + 1);
});
