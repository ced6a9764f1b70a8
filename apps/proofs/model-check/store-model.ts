import type { Dependencies, OperationRecord, Store, Transaction } from './cores.js';
import { EPOCH, type ServerSide } from './world.js';

/** Notes that were written in any history; what a key maps to depends on the operation and its place alone. */
const records = new Map<string, OperationRecord>();

/** What a send needs to run: a store whose tables are those of the model. Each work is a transaction of its own. */
export function storeOf(server: ServerSide, operation: number): Dependencies {
  const noteOf = (seq: number) => `${operation}@${seq}`;
  const tables = {
    operations: {
      async get() {
        const found = server.keys.find((key) => key.operation === operation);
        return found && records.get(noteOf(found.seq));
      },
      async insert(record: OperationRecord) {
        const seq = server.log.length;
        records.set(noteOf(seq), record);
        server.keys.push({ operation, seq });
        return true;
      },
    },
    log: {
      async append(room: string) {
        server.log.push(operation);
        return { room, epoch: EPOCH, seq: server.log.length };
      },
    },
    messages: { async insert() {} },
  };
  // The tables that a send to `host` uses.
  const transaction = tables as unknown as Transaction;
  const store: Pick<Store, 'write'> = { write: (work) => work(transaction) };
  const others = {
    store,
    clock: { now: () => 0 },
    ids: { next: () => `msg-${server.log.length + 1}` },
    settings: { tenantId: 't' },
  };
  return others as unknown as Dependencies;
}
