import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteFile } from '../contracts/adapters.js';
import { readWal } from './wal.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect wal '));
});
afterEach(() => rm(folder, { recursive: true }));

it('ends where the last whole transaction of SQLite ends, and sees one byte that is wrong', async () => {
  const path = join(folder, 'a.db');
  const { kysely, close } = await openSqliteFile(path);
  const lengths: number[] = [];
  const read = async () => readFile(`${path}-wal`);
  for (const table of ['a', 'b', 'c']) {
    await kysely.schema.createTable(table).addColumn('id', 'text').execute();
    lengths.push((await read()).length);
  }
  const wal = await read();
  await close();

  const [first = 0, second = 0, third = 0] = lengths;
  expect(first).toBeGreaterThan(0);
  expect(readWal(wal).committedEnd).toBe(third);
  expect(readWal(wal.subarray(0, third - 1)).committedEnd).toBe(second);
  expect(readWal(wal.subarray(0, second + 5_000)).committedEnd).toBe(second);
  for (const at of [first + 3, first + 30, second - 1]) {
    const spoiled = Buffer.from(wal);
    spoiled[at] = (spoiled[at] ?? 0) ^ 1;
    expect(readWal(spoiled).committedEnd).toBe(first);
  }
  expect(readWal(Buffer.from(wal).fill(0, 0, 1))).toEqual({ salt: '', committedEnd: 0 });
  expect(readWal(Buffer.alloc(0)).committedEnd).toBe(0);
});
