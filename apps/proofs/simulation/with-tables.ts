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

/** A store that knows, of all operations, only those that were written through it. */
export function knowingItsOwn(store: Store): Store {
  const own = new Set<string>();
  return withTables(store, (tx) => ({
    ...tx,
    operations: {
      ...tx.operations,
      get: async (owner, opId) => (own.has(opId) ? tx.operations.get(owner, opId) : undefined),
      insert: async (record) => {
        own.add(record.opId);
        await tx.operations.insert(record);
        return true;
      },
    },
  }));
}
