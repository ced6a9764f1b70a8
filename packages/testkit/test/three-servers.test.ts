import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type GoConnectClient } from '@goconnect/client';
import { createServer } from '@goconnect/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeServer, type FakeServer, httpAdmin } from '../src/index.js';

/** A server with ada and grace in the lobby, whatever is behind it. */
interface Stage {
  client(who: 'ada' | 'grace'): GoConnectClient;
  restart(): Promise<void>;
  close(): Promise<void>;
}

const quick = { backoff: { minMs: 10, baseMs: 20, maxMs: 100 } };

function onFake(server: FakeServer): Stage {
  return {
    client: (who) =>
      createClient({
        url: server.url,
        token: () => server.token(who),
        WebSocket: server.WebSocket,
        ...quick,
      }),
    restart: () => server.restart(),
    close: () => server.close(),
  };
}

async function onReal(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'goconnect-three-'));
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const create = (port: number) =>
    createServer({
      env: { GOCONNECT_DEV: '1' },
      port,
      databaseUrl: `file:${join(folder, 'a.db')}`,
      jwtSecret: 'x'.repeat(40),
      logger: silent,
    });
  let server = create(0);
  const { port, url, wsUrl } = await server.start();
  const tokens: Record<string, string> = {};
  for (const who of ['ada', 'grace'])
    tokens[who] = (
      await httpAdmin(url).login({ email: `${who}@goconnect.example`, password: 'goconnect' })
    ).token;
  return {
    client: (who) => createClient({ url: wsUrl, token: tokens[who] ?? '', ...quick }),
    async restart() {
      await server.stop({ drainMs: 0 });
      server = create(port);
      await server.start();
    },
    async close() {
      await server.stop({ drainMs: 0 });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const STAGES = {
  'the fake server in memory': async () =>
    onFake(createFakeServer({ clock: (await import('../src/index.js')).systemClock })),
  'the fake server over ws': async () => onFake(await createFakeServer({ transport: 'ws' })),
  'the real server': onReal,
};

describe.each(Object.entries(STAGES))('the client on %s', (_, open) => {
  let stage: Stage;
  let ada: GoConnectClient;
  let grace: GoConnectClient;

  beforeEach(async () => {
    stage = await open();
    [ada, grace] = [stage.client('ada'), stage.client('grace')];
    await Promise.all([ada.connect(), grace.connect()]);
  });
  afterEach(async () => {
    await Promise.all([ada.close(), grace.close()]);
    await stage.close();
  });

  const next = <T>(subscribe: (listener: (value: T) => void) => unknown) =>
    new Promise<T>((resolve) => void subscribe(resolve));
  const scope = 'network:lobby';

  it('carries a message to the other one, and keeps it in history', async () => {
    const heard = next((listener) => grace.on('chat.message', listener));
    const { message_id } = await ada.chat.send({ scope, body: 'hello' });
    expect(await heard).toMatchObject({ id: message_id, body: 'hello', scope });
    expect((await grace.room(scope).history()).messages[0]).toMatchObject({ id: message_id });
    expect(ada.capabilities.session).toBe(true);
  });

  it('tells of edits, redactions and deletions', async () => {
    const { message_id } = await grace.chat.send({ scope, body: 'draft' });
    const edited = next((listener) => ada.on('chat.edited', listener));
    await grace.chat.edit({ message_id, new_body: 'final' });
    expect(await edited).toMatchObject({ message_id, new_body: 'final' });
    const redacted = next((listener) => grace.on('chat.redacted', listener));
    await ada.chat.redact({ message_id, mask: '***' });
    expect(await redacted).toMatchObject({ redaction_mask: '***' });
    const deleted = next((listener) => grace.on('chat.deleted', listener));
    await ada.chat.delete({ message_id, mode: 'hard' });
    expect(await deleted).toMatchObject({ message_id, mode: 'hard' });
  });

  it('refuses what one may not do, with a code', async () => {
    await expect(grace.room('network:no-such-network').join()).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
    });
    await expect(ada.chat.edit({ message_id: 'nope', new_body: 'x' })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
    });
  });

  it('goes on after a restart, with nothing missed and nothing twice', async () => {
    const heard: string[] = [];
    const three = new Promise<void>((resolve) => {
      grace.on('chat.message', ({ body }) => {
        heard.push(body);
        if (body === '3') resolve();
      });
    });
    await ada.chat.send({ scope, body: '1' });
    await stage.restart();
    await ada.chat.send({ scope, body: '2' });
    await ada.chat.send({ scope, body: '3' });
    await three;
    expect(heard).toEqual(['1', '2', '3']);
  });
});
