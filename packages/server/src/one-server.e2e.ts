import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type PostgresServer,
  postgresOrSkip,
  startPostgres,
} from './adapters/sql/testing/postgres-server.js';
import { startCommand } from './testing/command.js';

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
});
