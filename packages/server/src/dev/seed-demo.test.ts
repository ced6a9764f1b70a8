import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createScryptPasswords } from '../adapters/scrypt-passwords.js';
import { openStore } from '../adapters/sql/open-store.js';
import { systemClock } from '../adapters/system-clock.js';
import type { Store } from '../ports/store.js';
import { devSecret } from './dev-secret.js';
import { seedDemo } from './seed-demo.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const passwords = createScryptPasswords({ logN: 4, r: 8, p: 1 });

describe('development mode', () => {
  let folder: string;
  let url: string;
  let store: Store;
  const open = () => openStore({ url, clock: systemClock, logger: silent });
  const seed = () => seedDemo({ store, passwords, clock: systemClock, tenantId: 'default' });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goconnect dev-'));
    url = `file:${join(folder, 'a.db')}`;
    store = await open();
  });

  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  it('has the users and networks that its page names', async () => {
    expect(await seed()).toBe(true);
    const found = await store.read(async (tx) => ({
      ada: await tx.users.withPassword('ada@goconnect.example'),
      lobby: await tx.networks.get('lobby'),
      attic: await tx.networks.get('attic'),
      inLobby: (await tx.members.ofNetwork('lobby', { limit: 10 })).map(
        ({ userId, role }) => `${userId} ${role}`,
      ),
      inAttic: (await tx.members.ofNetwork('attic', { limit: 10 })).map(
        ({ userId, role }) => `${userId} ${role}`,
      ),
    }));
    expect(found.lobby).toMatchObject({ visibility: 'public', joinPolicy: 'open', createdBy: 'ada' });
    expect(found.attic).toMatchObject({ visibility: 'public', joinPolicy: 'approval', createdBy: 'ada' });
    expect(found.inLobby.sort()).toEqual(['ada owner', 'grace moderator', 'linus member']);
    expect(found.inAttic).toEqual(['ada owner']);
    expect(await passwords.verify('goconnect', found.ada?.passwordHash ?? '')).toBe(true);
  });

  it('is seeded once: what was changed or removed since stays so, also after a restart', async () => {
    await seed();
    await store.write(async (tx) => {
      const lobby = await tx.networks.get('lobby');
      if (lobby) await tx.networks.update({ ...lobby, name: 'Hall' });
      await tx.members.delete('lobby', 'linus');
      await tx.networks.delete('attic');
    });
    await store.close();
    store = await open();
    expect(await seed()).toBe(false);
    const found = await store.read(async (tx) => [
      (await tx.networks.get('lobby'))?.name,
      await tx.networks.get('attic'),
      await tx.members.get('lobby', 'linus'),
    ]);
    expect(found).toEqual(['Hall', undefined, undefined]);
  });

  it('keeps a random secret beside the database, for its owner only', async () => {
    const secret = await devSecret(url);
    expect(secret).toMatch(/^[\w-]{64}$/);
    expect(await devSecret(url)).toBe(secret);
    const path = join(folder, 'goconnect-dev-secret');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toBe(secret);
    expect(await devSecret('sqlite::memory:')).not.toBe(await devSecret('sqlite::memory:'));
  });

  it('does not start with a secret that somebody cut short', async () => {
    await writeFile(join(folder, 'goconnect-dev-secret'), 'short');
    await expect(devSecret(url)).rejects.toThrow(
      /goconnect-dev-secret holds no secret of 32 bytes; delete it/,
    );
  });
});
