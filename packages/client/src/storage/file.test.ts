import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  open,
  operation,
  type StoragePlace,
  sharingContract,
  storageContract,
} from '../testing/storage-contract.js';
import { fileStorage } from './file.js';

/** Crashes of real processes are in `file-processes.test.ts`. */
async function createPlace(below = ''): Promise<StoragePlace & { readonly folder: string }> {
  const top = await mkdtemp(join(tmpdir(), 'goconnect-outbox-'));
  const folder = join(top, below);
  const storages: { close(): Promise<void> }[] = [];
  return {
    folder,
    async owner() {
      const storage = fileStorage({ folder });
      storages.push({ close: async () => storage.close?.() });
      return { storage, crash: async () => storage.close?.() };
    },
    async clear() {
      await Promise.all(storages.map(({ close }) => close()));
      await rm(top, { recursive: true });
    },
  };
}

storageContract('fileStorage', () => createPlace());
sharingContract('fileStorage', () => createPlace());

describe('fileStorage', () => {
  it('reads past a torn last line, and sets a damaged log aside for a person', async () => {
    const place = await createPlace();
    const { storage } = await open(place);
    for (const opId of ['a', 'b', 'c']) await storage.append(operation(opId));
    await storage.close?.();
    const [dead = ''] = await readdir(place.folder);
    const log = await readFile(join(place.folder, dead, 'log'), 'utf8');
    const dying = async (name: string, text: string) => {
      await mkdir(join(place.folder, name));
      await writeFile(join(place.folder, name, 'log'), text);
    };
    await rm(join(place.folder, dead), { recursive: true });
    await dying(dead, log.slice(0, -5));
    const torn = await open(place);
    expect([torn.found, torn.faults]).toEqual([['a', 'b'], []]);
    for (const opId of ['a', 'b']) await torn.storage.remove(opId);
    await torn.storage.close?.();

    const rotten = 'f'.repeat(16);
    await dying(rotten, log.replace('"opId":"b"', '"opId":"x"'));
    const next = await open(place);
    expect(next.found).toEqual(['a', 'c']);
    expect(next.faults).toEqual([expect.stringContaining(`${rotten}.damaged`)]);
    expect(await readFile(join(place.folder, `${rotten}.damaged`, 'log'), 'utf8')).toContain('"opId":"x"');
    await next.storage.close?.();
    expect((await open(place)).faults).toEqual([]);
    await place.clear();
  });

  it('leaves to the next what it could not take over', async () => {
    const place = await createPlace();
    const heritage = 'd'.repeat(16);
    const { storage } = await open(place);
    await storage.append(operation('kept'));
    await storage.close?.();
    const [dead = ''] = await readdir(place.folder);
    const log = await readFile(join(place.folder, dead, 'log'));
    await rm(join(place.folder, dead), { recursive: true });

    const busy = await open(place);
    expect(busy.found).toEqual([]);
    const [own = ''] = (await readdir(place.folder)).filter((name) => !name.includes('.'));
    // What a take-over leaves that fails after the move (no space, no more files).
    await mkdir(join(place.folder, own, heritage));
    await writeFile(join(place.folder, own, heritage, 'log'), log);
    await busy.storage.close?.();
    expect((await open(place)).found).toEqual(['kept']);
    await place.clear();
  });

  it('sets aside lines of a newer version, and what is no log at all', async () => {
    const place = await createPlace();
    await mkdir(join(place.folder, '0'.repeat(16)));
    await writeFile(join(place.folder, '0'.repeat(16), 'log'), Buffer.from([0, 255, 10, 123, 125, 10, 10]));
    await mkdir(join(place.folder, '1'.repeat(16)));
    await writeFile(join(place.folder, 'a stray file'), 'of somebody');
    const { found, faults } = await open(place);
    expect([found, faults.length]).toEqual([[], 1]);
    expect(await readdir(place.folder)).toEqual(
      expect.arrayContaining(['a stray file', `${'0'.repeat(16)}.damaged`]),
    );
    await place.clear();
  });

  it('takes a folder whose path is longer than the path of a socket may be', async () => {
    const place = await createPlace('a'.repeat(120));
    const first = await open(place);
    await first.storage.append(operation('a'));
    expect((await open(place)).found).toEqual([]);
    await first.storage.close?.();
    await place.clear();
  });

  it('does not open where there can be no folder, and says why', async () => {
    const place = await createPlace('file/below');
    await writeFile(join(place.folder, '..'), '');
    await expect(open(place)).rejects.toThrow(/ENOTDIR|EEXIST/);
    await place.clear();
  });
});
