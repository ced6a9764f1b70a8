/** A process that owns a file storage and does what its parent says. Built and forked by `outbox-processes.ts`. */
import type { StoredOperation } from '../operations/outbox-storage.js';
import { fileStorage } from '../storage/file.js';

export type Order =
  | { readonly id: number; readonly call: 'load' | 'close' }
  | { readonly id: number; readonly call: 'append'; readonly operation: StoredOperation }
  | { readonly id: number; readonly call: 'remove'; readonly opId: string }
  /** Keep and remove operations of your own, and whatever is found, until you are killed. */
  | { readonly id: number; readonly call: 'work'; readonly name: string };

export type Report =
  | { readonly done: number; readonly error?: string }
  | { readonly found: readonly StoredOperation[] }
  | { readonly fault: string }
  | { readonly kept: string }
  | { readonly removing: string }
  | { readonly removed: string };

const [folder = ''] = process.argv.slice(2);
const storage = fileStorage({ folder });
/** Resolves when it has left this process, so that no kill can take it back. */
const tell = (report: Report) => new Promise<unknown>((resolve) => process.send?.(report, resolve));
const working = { found: (_: StoredOperation) => {} };

async function settle(opId: string): Promise<void> {
  await tell({ removing: opId });
  await storage.remove(opId);
  void tell({ removed: opId });
}

async function work(name: string): Promise<void> {
  working.found = ({ opId }) => void settle(opId);
  for (let n = 0; ; n++) {
    const opId = `${name}-${n}`;
    const operation = {
      opId,
      type: 'chat.send',
      data: { body: 'x'.repeat(n % 50) },
      expiresAt: 2e12,
    } as const;
    await storage.append(operation);
    void tell({ kept: opId });
    // Most are settled at once, some are left lying, so that there is always something to inherit.
    if (n % 4) void storage.append({ ...operation, sentAt: 1 })?.then(() => settle(opId));
    if (n % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function obey(order: Order): Promise<void> {
  if (order.call === 'append') await storage.append(order.operation);
  else if (order.call === 'remove') await storage.remove(order.opId);
  else if (order.call === 'close') await storage.close?.();
  else if (order.call === 'work') void work(order.name);
  else {
    await storage.load({
      found(operations) {
        void tell({ found: operations });
        for (const operation of operations) working.found(operation);
      },
      fault: ({ message }) => tell({ fault: message }),
    });
  }
}

process.on('message', (order: Order) => {
  obey(order).then(
    () => tell({ done: order.id }),
    (error: unknown) => tell({ done: order.id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
