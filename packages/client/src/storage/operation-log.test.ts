import { type FileHandle, mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { operation } from '../testing/storage-contract.js';
import { OperationLog, readLog } from './operation-log.js';

let place: string;
let folder: FileHandle;
let path: string;
let log: OperationLog;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'goconnect-log-'));
  folder = await open(place, 'r');
  path = join(place, 'log');
  log = new OperationLog(path, folder);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await log.close();
  await folder.close();
  await rm(place, { recursive: true });
});

const kept = async () => (await readLog(path)).operations.map(({ opId }) => opId);
const handles = () => Object.getPrototypeOf(folder) as FileHandle;

describe('an operation log', () => {
  it('writes what comes while the disk is busy with one fsync', async () => {
    await log.put(operation('first'));
    const synced = vi.spyOn(handles(), 'datasync');
    await Promise.all(Array.from({ length: 200 }, (_, index) => log.put(operation(`op-${index}`))));
    expect(synced.mock.calls.length).toBeLessThan(5);
    expect(await kept()).toHaveLength(201);
  });

  it('resolves after the fsync, never before', async () => {
    await log.put(operation('first'));
    const steps: string[] = [];
    const { datasync } = handles();
    vi.spyOn(handles(), 'datasync').mockImplementation(async function (this: FileHandle) {
      await datasync.call(this);
      steps.push('synced');
    });
    await log.put(operation('a')).then(() => steps.push('kept'));
    expect(steps).toEqual(['synced', 'kept']);
  });

  it('stays small however much passes through it', async () => {
    const body = 'x'.repeat(1_000);
    for (let index = 0; index < 400; index++) {
      const opId = `op-${index}`;
      await Promise.all([
        log.put(operation(opId, { data: { body } })),
        index > 0 && log.drop(`op-${index - 1}`),
      ]);
    }
    expect((await stat(path)).size).toBeLessThan(140_000);
    expect(await kept()).toEqual(['op-399']);
  });

  it.each(['datasync', 'appendFile'] as const)(
    'refuses what %s fails for, keeps what it had, and goes on when there is room again',
    async (call) => {
      await log.put(operation('before'));
      await log.put(operation('gone'));
      const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      vi.spyOn(handles(), call).mockRejectedValueOnce(full);
      const refused = log.put(operation('refused'));
      const dropped = log.drop('gone');
      await expect(refused).rejects.toBe(full);
      await expect(dropped).rejects.toBe(full);
      expect(await kept()).toEqual(['before', 'gone']);
      await log.put(operation('after'));
      expect(await kept()).toEqual(['before', 'after']);
    },
  );

  it.each(['sync', 'writeFile'] as const)('survives that a rewriting fails in %s', async (call) => {
    const full = new Error('no space left on device');
    vi.spyOn(handles(), call).mockRejectedValueOnce(full);
    await expect(log.put(operation('a'))).rejects.toBe(full);
    await log.put(operation('b'));
    expect(await kept()).toEqual(['b']);
  });

  it('has a checksum for each line', async () => {
    await log.put(operation('a', { data: { body: 'hello' } }));
    const text = await readFile(path, 'utf8');
    expect(text).toMatch(/^[0-9a-f]{16} \{.*\}\n$/);
    expect(await readLog(path)).toMatchObject({ unreadable: 0 });
  });
});
