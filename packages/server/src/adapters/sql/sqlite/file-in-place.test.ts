import { copyFile, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../ports/store.js';
import { openStore } from '../open-store.js';
import { clock, event, silent } from '../testing/store-contract.js';

let folder: string;
let stores: Store[];
let logged: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect place '));
  stores = [];
  logged = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  await rm(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);
const log = (_: object, text: string) => void logged.push(text);
const open = async (name: string) => {
  const logger = { ...silent, error: log, info: log };
  const store = await openStore({ url: `file:${at(name)}`, clock, logger });
  stores.push(store);
  logged = [];
  return store;
};
const say = (store: Store, word: string) => store.write((tx) => tx.log.append('host', event(word), 1));

describe.skipIf(process.platform === 'win32')('a database whose file', () => {
  it.each([
    ['was deleted', () => rm(at('a.db'))],
    ['was moved', () => rename(at('a.db'), at('b.db'))],
    [
      'was replaced',
      async () => {
        await copyFile(at('a.db'), at('b.db'));
        await rename(at('b.db'), at('a.db'));
      },
    ],
  ])('%s says so at the next look, refuses what is written, and reads on', async (_, take) => {
    const store = await open('a.db');
    await say(store, 'before');
    await store.check();
    await take();
    await expect(store.check()).rejects.toMatchObject({ reason: 'failed', fault: 'file_gone' });
    await expect(say(store, 'after')).rejects.toMatchObject({ reason: 'failed', fault: 'file_gone' });
    await expect(store.check()).rejects.toMatchObject({ fault: 'file_gone' });
    expect(await store.read((tx) => tx.log.entries('host', 0, 10))).toHaveLength(1);
    expect(logged).toEqual([expect.stringMatching(/is not where it was.*stop the server.*backup/)]);
  });

  it('is back goes on with it, and with no other', async () => {
    const store = await open('a.db');
    await say(store, 'before');
    await rename(at('a.db'), at('b.db'));
    await copyFile(at('b.db'), at('a.db'));
    await expect(store.check()).rejects.toMatchObject({ fault: 'file_gone' });
    await rename(at('b.db'), at('a.db'));
    await store.check();
    await say(store, 'after');
    expect(logged).toEqual([expect.any(String), 'the database works again']);
  });

  it('is behind a link that leads elsewhere now would not be found at the next start either', async () => {
    await symlink('a.db', at('link.db'));
    const store = await open('link.db');
    await copyFile(at('a.db'), at('b.db'));
    await symlink('b.db', at('new.db'));
    await rename(at('new.db'), at('link.db'));
    await expect(store.check()).rejects.toMatchObject({ fault: 'file_gone' });
  });
});
