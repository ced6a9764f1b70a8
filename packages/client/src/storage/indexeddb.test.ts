import { IDBFactory } from 'fake-indexeddb';
import { createFakeLocks } from '../testing/fake-locks.js';
import { type StoragePlace, sharingContract, storageContract } from '../testing/storage-contract.js';
import { indexedDbStorage } from './indexeddb.js';

/** One origin with its tabs. */
async function createPlace(): Promise<StoragePlace> {
  const indexedDB = new IDBFactory();
  const locks = createFakeLocks();
  const name = `outbox-${crypto.randomUUID()}`;
  const tabs: { close(): Promise<void> }[] = [];
  return {
    async owner() {
      const tab = locks.tab();
      const channels: BroadcastChannel[] = [];
      const storage = indexedDbStorage({
        ...{ name, indexedDB, locks: tab },
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
