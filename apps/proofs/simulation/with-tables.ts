import type { Store, Transaction } from '@goconnect/server/core';

/** A store whose works see other tables. */
export function withTables(store: Store, change: (tx: Transaction) => Transaction): Store {
  return {
    write: (work) => store.write((tx) => work(change(tx))),
    read: (work) => store.read((tx) => work(change(tx))),
    onCommit: (listener) => store.onCommit(listener),
    check: () => store.check(),
    close: () => store.close(),
  };
}
