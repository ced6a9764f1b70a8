import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, it } from 'vitest';
import type { StoredOperation } from '../operations/outbox-storage.js';
import { createFakeLocks } from '../testing/fake-locks.js';
import {
  open,
  operation,
  type StoragePlace,
  sharingContract,
  storageContract,
} from '../testing/storage-contract.js';
import { indexedDbStorage } from './indexeddb.js';
import type { WebStorageLike } from './write-ahead.js';

function createWebStorage(): WebStorageLike {
  const entries = new Map<string, string>();
  return {
    get length() {
      return entries.size;
    },
    key: (index) => [...entries.keys()][index] ?? null,
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
  };
}

/** A database of which a page does not hear again once it is leaving, as when it is reloaded. */
function forsakable(indexedDB: IDBFactory): { readonly factory: IDBFactory; leave(): void } {
  let leaving = false;
  const silent = {
    objectStore: () => ({ index: () => ({ getKey: () => ({}) }) }),
    abort() {},
  } as unknown as IDBTransaction;
  const open: IDBFactory['open'] = (...args) => {
    const request = indexedDB.open(...args);
    request.addEventListener('success', () => {
      const database = request.result;
      const real = database.transaction.bind(database);
      database.transaction = (stores, mode, how) => (leaving ? silent : real(stores, mode, how));
    });
    return request;
  };
  const leave = () => {
    leaving = true;
  };
  return { factory: { open } as IDBFactory, leave };
}

interface Origin extends StoragePlace {
  owner(indexedDB?: IDBFactory): ReturnType<StoragePlace['owner']>;
  readonly indexedDB: IDBFactory;
  readonly localStorage: WebStorageLike;
}

/** One origin with its tabs. */
async function createPlace(): Promise<Origin> {
  const indexedDB = new IDBFactory();
  const localStorage = createWebStorage();
  const locks = createFakeLocks();
  const name = `outbox-${crypto.randomUUID()}`;
  const tabs: { close(): Promise<void> }[] = [];
  return {
    indexedDB,
    localStorage,
    async owner(factory = indexedDB) {
      const tab = locks.tab();
      const channels: BroadcastChannel[] = [];
      const storage = indexedDbStorage({
        ...{ name, indexedDB: factory, localStorage, locks: tab },
        // Of a database that answers nobody waits for the end of this, on however busy a machine.
        timeoutMs: factory === indexedDB ? undefined : 1_000,
        BroadcastChannel: class extends BroadcastChannel {
          constructor(of: string) {
            super(of);
            channels.push(this);
          }
        },
      });
      const crash = async () => {
        for (const channel of channels) channel.close();
        tab.kill();
      };
      tabs.push({ close: async () => storage.close?.() });
      return { storage, crash };
    },
    async clear() {
      await Promise.all(tabs.map(({ close }) => close()));
    },
  };
}

storageContract('indexedDbStorage', createPlace);
sharingContract('indexedDbStorage', createPlace);

describe('indexedDbStorage, when a page goes away before the database has answered,', () => {
  /** Queues in a page that is gone at once, some of it after the database had taken a part. */
  async function leaveBehind(confirmed: readonly string[], unconfirmed: readonly string[]) {
    const place = await createPlace();
    const { factory, leave } = forsakable(place.indexedDB);
    const { storage, crash } = await place.owner(factory);
    await storage.load({ found() {}, fault() {} });
    for (const opId of confirmed) await storage.append(operation(opId));
    leave();
    const lost = unconfirmed.map((opId) =>
      Promise.resolve(storage.append(operation(opId, { sentAt: 5 }))).catch(() => 'gone'),
    );
    await crash();
    return { place, lost };
  }

  it('gives its heir everything, in order, and as never sent', async () => {
    const { place, lost } = await leaveBehind(['a'], ['b', 'c']);
    const seen: StoredOperation[] = [];
    await open(place, seen);
    expect(seen).toEqual([operation('a'), operation('b'), operation('c')]);
    await Promise.all(lost);
  });

  it('gives it once: nothing stays to be inherited again', async () => {
    const { place, lost } = await leaveBehind([], ['b']);
    const heir = await open(place);
    expect(heir.faults).toEqual([]);
    expect([heir.found, place.localStorage.length]).toEqual([['b'], 0]);
    await heir.storage.remove('b');
    await heir.crash();
    expect((await open(place)).found).toEqual([]);
    await Promise.all(lost);
  });

  it('leaves nothing in localStorage once the database has answered', async () => {
    const { place, lost } = await leaveBehind([], []);
    const { storage } = await open(place);
    const appended = storage.append(operation('a'));
    expect(place.localStorage.length).toBe(1);
    await appended;
    expect(place.localStorage.length).toBe(0);
    await Promise.all(lost);
  });

  it('takes what localStorage refuses all the same, and reads past what others wrote there', async () => {
    const localStorage: WebStorageLike = {
      ...createWebStorage(),
      length: 2,
      key: (index) => ['goconnect-outbox/dead/op', 'goconnect-outbox/%F0/x'][index] ?? null,
      getItem: () => '{"v":1',
      setItem() {
        throw new DOMException('full', 'QuotaExceededError');
      },
    };
    const storage = indexedDbStorage({
      indexedDB: new IDBFactory(),
      locks: createFakeLocks().tab(),
      localStorage,
    });
    await storage.load({
      found: () => expect.fail('nothing was kept'),
      fault: (error) => expect.fail(error.message),
    });
    await storage.append(operation('a'));
    await storage.close?.();
  });
});
