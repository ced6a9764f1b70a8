import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CommitProxy } from './adapters/sql/testing/commit-proxy.js';
import {
  type PostgresServer,
  postgresOrSkip,
  startPostgres,
} from './adapters/sql/testing/postgres-server.js';
import { type Started, startCommand } from './testing/command.js';
import { connectRaw, type RawClient } from './testing/raw-client.js';

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('one PostgreSQL database', () => {
  let postgres: PostgresServer;
  let folder: string;
  beforeAll(async () => {
    postgres = await startPostgres(binaries ?? '');
    folder = await mkdtemp(join(tmpdir(), 'goconnect-one-server-'));
  });
  afterAll(async () => {
    await postgres?.stop();
    await rm(folder, { recursive: true });
  });

  it('serves one server: a second one ends with one line that says what to do, and takes over when the first is killed', async () => {
    const env = {
      DATABASE_URL: await postgres.database(),
      JWT_SECRET: 'a secret of this test, over 32 bytes long',
      PORT: '0',
    };
    const first = startCommand(folder, env);
    await first.until(/"msg":"listening"/);
    const second = startCommand(folder, env);
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.errors()).toMatch(
      /^goconnect-server cannot start: DATABASE_URL: another server has this database[^\n]*\n$/,
    );
    first.process.kill('SIGKILL');
    await first.ended;
    const third = startCommand(folder, env);
    await third.until(/"msg":"listening"/);
    third.process.kill('SIGTERM');
    expect(await third.ended).toEqual({ code: 0, signal: null });
  });

  describe('that a second server took meanwhile', () => {
    const started: Started[] = [];
    afterEach(async () => {
      for (const { process, ended } of started.splice(0)) {
        process.kill('SIGKILL');
        await ended;
      }
    });
    const serve = (url: string) => {
      const settings = { GOCONNECT_DEV: '1', LOG_LEVEL: 'info', HOST: '127.0.0.1', PORT: '0' };
      const server = startCommand(folder, { DATABASE_URL: url, ...settings });
      started.push(server);
      return server;
    };
    const at = async (server: Started) => {
      const [, port] = await server.until(/"port":(\d+).*"msg":"listening"/);
      return `127.0.0.1:${port}`;
    };
    const connect = async (server: Started): Promise<RawClient> => {
      const host = await at(server);
      const response = await fetch(`http://${host}/v1/auth/login`, {
        method: 'POST',
        body: JSON.stringify({ email: 'ada@goconnect.example', password: 'goconnect' }),
      });
      const { data } = (await response.json()) as { data: { access_token: string } };
      return await connectRaw(`ws://${host}/v1/ws`, {
        token: data.access_token,
        protocols: ['goconnect.v1'],
      });
    };
    const say = async (client: RawClient, body: string) =>
      (await client.ask('chat.send', body, { scope: 'network:lobby', body })).type;
    /** It ends by itself, says why in one line, and sends its clients away so that they come back. */
    const isLost = async (server: Started, client: RawClient) => {
      expect(await client.closed).toBe(1001);
      expect(await server.ended).toEqual({ code: 1, signal: null });
      const errors = server.output().match(/^\{"level":"error".*$/gm) ?? [];
      expect(errors.filter((line) => line.includes('"fault":"taken_over"'))).toHaveLength(1);
      expect(errors.filter((line) => !/"fault":"(?:taken_over|unreachable)"/.test(line))).toEqual([]);
      expect(server.errors()).toBe('');
    };

    it('while the line of the first was cut: the first ends when it has its line again', async () => {
      const url = await postgres.database();
      const { proxy, url: proxied } = await CommitProxy.start(url);
      const first = serve(proxied);
      const ada = await connect(first);
      expect(await say(ada, 'before')).toBe('ack');
      proxy.cut();
      const second = serve(url);
      const again = await connect(second);
      expect(await say(ada, 'cut off')).toBe('error');
      proxy.open();
      expect(await say(again, 'after')).toBe('ack');
      await isLost(first, ada);
      const { data } = await again.ask('chat.history', 'read', { scope: 'network:lobby', limit: 10 });
      const bodies = ((data?.messages ?? []) as { body: string }[]).map(({ body }) => body);
      expect(bodies).toEqual(['after', 'before']);
      second.process.kill('SIGTERM');
      expect(await second.ended).toEqual({ code: 0, signal: null });
      await proxy.stop();
    });

    it('because it was next in the queue: the first ends, also while nobody writes', async () => {
      const url = await postgres.database();
      const first = serve(url);
      const ada = await connect(first);
      const second = serve(url);
      const held = "locktype = 'advisory'";
      await expect
        .poll(() => postgres.run(`SELECT 1 FROM pg_locks WHERE ${held} AND NOT granted`), { timeout: 10_000 })
        .toHaveLength(1);
      await postgres.run(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE ${held} AND granted`);
      expect(await say(await connect(second), 'after')).toBe('ack');
      await isLost(first, ada);
      second.process.kill('SIGTERM');
      expect(await second.ended).toEqual({ code: 0, signal: null });
    });

    it('or not, after PostgreSQL was started anew: one of the two serves', async () => {
      const url = await postgres.database();
      const first = serve(url);
      await at(first);
      let over = false;
      void first.ended.then(() => {
        over = true;
      });
      /** As a supervisor does: whenever it ends it is started again. */
      const upAtLast = async (): Promise<Started | undefined> => {
        for (let starts = 0; starts < 3; starts++) {
          const next = serve(url);
          const came = await Promise.race([
            at(next).catch(() => undefined),
            next.ended.then(() => undefined),
          ]);
          if (came !== undefined) return next;
          if (over) starts = 0;
        }
        return undefined;
      };
      const supervised = upAtLast();
      await postgres.restart(async () => {});
      const second = await supervised;
      if (second === undefined) {
        expect(await say(await connect(first), 'still here')).toBe('ack');
        first.process.kill('SIGTERM');
      } else {
        expect(await first.ended).toEqual({ code: 1, signal: null });
        expect(await say(await connect(second), 'after')).toBe('ack');
        second.process.kill('SIGTERM');
      }
      expect(await (second ?? first).ended).toEqual({ code: 0, signal: null });
    });
  });
});
