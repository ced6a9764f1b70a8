import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openStore } from './open-store.js';
import { clock, describeStore, silent } from './testing/store-contract.js';

describe('the store on a SQLite file', () => {
  let folder: string;
  let files = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goconnect store '));
  });
  afterAll(() => rm(folder, { recursive: true }));

  describeStore(() => openStore({ url: `file:${join(folder, `${++files}.db`)}`, clock, logger: silent }));
});

describe('the store on SQLite in memory', () => {
  describeStore(() => openStore({ url: 'sqlite::memory:', clock, logger: silent }));
});
