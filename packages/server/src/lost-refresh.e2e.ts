import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Started, startCommand } from './testing/command.js';
import { connectRaw } from './testing/raw-client.js';

let folder: string;
let server: Started;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect refresh-'));
});
afterEach(async () => {
  server.process.kill('SIGKILL');
  await server.ended;
  await rm(folder, { recursive: true });
});

/** Starts the server on what is in the folder; the port may be another one each time. */
async function start(): Promise<string> {
  server = startCommand(folder, { GOCONNECT_DEV: '1', PORT: '0' });
  const [, url = ''] = await server.until(/HTTP API {3}(http:\/\/[^/\s]+)\//);
  return url;
}

async function die(): Promise<void> {
  server.process.kill('SIGKILL');
  await server.ended;
}

it('A5.3 an ack that was lost with the connection and the server is innocent on the next connection, and once only', async () => {
  const first = await start();
  const body = JSON.stringify({ email: 'ada@goconnect.example', password: 'goconnect' });
  const login = await fetch(`${first}/v1/auth/login`, { method: 'POST', body });
  const { data } = (await login.json()) as { data: { access_token: string; refresh_token: string } };
  const dial = (url: string, token: string) => connectRaw(`${url.replace('http', 'ws')}/v1/ws`, { token });
  const refresh = { refresh_token: data.refresh_token };

  const before = await dial(first, data.access_token);
  const given = await before.ask('auth.refresh', 'the same', refresh);
  expect(given.type).toBe('ack');
  await die();

  const second = await start();
  const after = await dial(second, data.access_token);
  const again = await after.ask('auth.refresh', 'the same', refresh);
  expect(again).toEqual(given);
  // The pair works: on its own, and for the next rotation.
  const renewed = await dial(second, String(given.data?.access_token));
  const next = await renewed.ask('auth.refresh', 'another', { refresh_token: given.data?.refresh_token });
  expect(next.type).toBe('ack');

  // A spent one with another op_id is a theft: the family goes, on every connection it has, and stays gone.
  const theft = await renewed.ask('auth.refresh', 'a third', refresh);
  expect(theft.error?.code).toBe('ERR_UNAUTHORIZED');
  expect(await Promise.all([renewed.closed, after.closed])).toEqual([4401, 4401]);
  await die();
  const third = await start();
  const refused = await fetch(`${third}/v1/auth/refresh`, {
    method: 'POST',
    body: JSON.stringify({ refresh_token: next.data?.refresh_token }),
  });
  expect(refused.status).toBe(401);
  await expect(dial(third, String(next.data?.access_token))).rejects.toThrow('401');
});
