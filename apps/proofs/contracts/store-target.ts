import type { StoreTarget, StoreTransaction, StoreUnderTest } from '@goconnect/testkit';
import { type Logger, openStore, type Store, type Transaction } from './adapters.js';

/** Monotonic time stands still, so that no transaction is ended early because a machine is slow. */
const clock = { now: () => Date.now(), monotonic: () => 0, setTimeout, clearTimeout };
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** The server's store, to be judged. `place` gives the URL of an empty database, `spoil` works on one that is closed. */
export function storeTarget(
  name: string,
  place: () => Promise<string>,
  spoil: (url: string) => Promise<void> = async () => {},
): StoreTarget {
  let url: string | undefined;
  let opened = false;
  return {
    kind: 'store',
    name,
    async clear() {
      url = await place();
      opened = false;
    },
    async open() {
      url ??= await place();
      if (opened) await spoil(url);
      opened = true;
      return underTest(await openStore({ url, clock, logger: silent }));
    },
  };
}

function underTest(store: Store): StoreUnderTest {
  return {
    // A work that may write makes the rooms it asks about (B3.2); one that reads takes them as they are.
    write: (work) => store.write((tx) => work(shaped(tx, tx.log.open))),
    read: (work) => store.read((tx) => work(shaped(tx, tx.log.positions))),
    onCommit: (listener) => store.onCommit(listener),
    close: () => store.close(),
  };
}

function shaped(tx: Transaction, positions: StoreTransaction['log']['positions']): StoreTransaction {
  return {
    log: {
      append: (room, event, at) => tx.log.append(room, event, at),
      positions: (rooms) => positions.call(tx.log, rooms),
      entries: (room, after, limit) => tx.log.entries(room, after, limit),
    },
    operations: {
      get: (owner, opId) => tx.operations.get(owner, opId),
      async insert(operation) {
        if (!(await tx.operations.insert(operation))) throw new Error('The key of the operation is taken');
      },
    },
  };
}
