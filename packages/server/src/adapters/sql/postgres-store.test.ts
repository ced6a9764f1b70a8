import { afterAll, beforeAll, describe } from 'vitest';
import { openStore } from './open-store.js';
import { type PostgresServer, postgresOrSkip, startPostgres } from './testing/postgres-server.js';
import { clock, describeStore, silent } from './testing/store-contract.js';

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('the store on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(binaries ?? '');
  });
  afterAll(() => server?.stop());

  describeStore(async () => openStore({ url: await server.database(), clock, logger: silent }));
});
