import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgeStore, STORE_CASES, type StoreTarget } from '@goconnect/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteFile, type PostgresServer, postgresOrSkip, startPostgres } from './adapters.js';
import { storeTarget } from './store-target.js';
import { outcomeOf } from './verdict.js';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect contracts '));
});
afterAll(() => rm(folder, { recursive: true }));

const file = async () => `file:${join(folder, `${++files}.db`)}`;

function describeCases(target: StoreTarget): void {
  it.each(STORE_CASES.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    expect(await outcomeOf(one, (options) => judgeStore(target, options))).toEqual({ kind: 'passed' });
  });
}

describe('the store on a SQLite file', () => {
  describeCases(storeTarget('SQLite', file));
});

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('the store on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(binaries ?? '');
  });
  afterAll(() => server?.stop());

  describeCases(storeTarget('PostgreSQL', () => server.database()));
});

type Tables = Awaited<ReturnType<typeof openSqliteFile>>['kysely'];

/** What a store does that confirmed too early, done to the tables while it is closed. */
const LOSSES: readonly (readonly [string, (tables: Tables) => Promise<unknown>])[] = [
  ['its last entry', (tables) => tables.deleteFrom('room_events').where('seq', '=', 1).execute()],
  [
    'its last entry and that there was one',
    async (tables) => {
      await tables.deleteFrom('room_events').where('seq', '=', 1).execute();
      await tables.updateTable('rooms').set({ seq: 0 }).execute();
    },
  ],
  ['which life of the room it is', (tables) => tables.updateTable('rooms').set({ epoch: 'new' }).execute()],
  ['what it answered', (tables) => tables.deleteFrom('operations').execute()],
];

describe('the cases notice a store that, opened again, lost', () => {
  const name = 'keeps log, epoch and operations when it is opened again';

  it.each(LOSSES)('%s', async (_, lose) => {
    const target = storeTarget('forgetful', file, async (url) => {
      const database = await openSqliteFile(url.slice('file:'.length));
      try {
        await lose(database.kysely);
      } finally {
        await database.close();
      }
    });
    expect(await outcomeOf({ name }, (options) => judgeStore(target, options))).toMatchObject({
      kind: 'failed',
      why: expect.stringMatching(/^(position|entries|the reply): expected/),
    });
  });
});
