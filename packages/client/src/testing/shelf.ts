import type { OutboxListener, OutboxStorage, StoredOperation } from '../operations/outbox-storage.js';

/** A durable storage in memory, which a test can slow down, break, and hand on to a next life. */
export interface Shelf {
  readonly kept: ReadonlyMap<string, StoredOperation>;
  /** Every `op_id` that was ever kept. */
  readonly everKept: ReadonlySet<string>;
  storage(): OutboxStorage;
  /** Calls wait until `release`. */
  hold(): void;
  release(): void;
  fail(
    call: 'load' | 'append' | 'remove' | 'close',
    error: Error | undefined,
    how?: 'rejects' | 'throws',
  ): void;
  /** Another owner died: this came from it. */
  arrive(operation: StoredOperation): void;
  /** What the next owner finds; this one can change nothing any more. */
  nextLife(): Shelf;
}

export function createShelf(content: readonly StoredOperation[] = []): Shelf {
  const kept = new Map<string, StoredOperation>();
  const everKept = new Set<string>();
  const failures = new Map<string, readonly [error: Error, how: 'rejects' | 'throws']>();
  let left = [...content];
  let last: Promise<void> = Promise.resolve();
  let open: (() => void) | undefined;
  let listener: OutboxListener | undefined;
  let dead = false;

  const take = (operations: readonly StoredOperation[]): void => {
    for (const one of operations) kept.set(one.opId, one);
    listener?.found(operations);
  };
  const call = (name: string, work: () => void): Promise<void> => {
    const [error, how] = failures.get(name) ?? [];
    if (error && how === 'throws') throw error;
    last = last
      .catch(() => {})
      .then(() => {
        if (error) throw error;
        if (!dead) work();
      });
    return last;
  };
  return {
    kept,
    everKept,
    storage: () => ({
      load: (told) =>
        call('load', () => {
          listener = told;
          const found = [...left, ...kept.values()];
          left = [];
          if (found.length > 0) take(found);
        }),
      append: (operation) =>
        call('append', () => {
          kept.set(operation.opId, operation);
          everKept.add(operation.opId);
        }),
      remove: (opId) => call('remove', () => void kept.delete(opId)),
      close: () => call('close', () => {}),
    }),
    hold() {
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      last = last.then(() => gate);
    },
    release: () => open?.(),
    fail(name, error, how = 'rejects') {
      if (error) failures.set(name, [error, how]);
      else failures.delete(name);
    },
    arrive: (operation) => take([operation]),
    nextLife() {
      dead = true;
      return createShelf([...left, ...kept.values()]);
    },
  };
}
