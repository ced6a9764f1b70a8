import { describe, expect, it } from 'vitest';
import type { BusNote, BusUnderTest } from './bus/bus-cases.js';
import { judgeBus } from './bus/judge-bus.js';
import { judgeStore } from './store/judge-store.js';
import type { StoreEntry, StoreOperation, StoreUnderTest } from './store/store-port.js';

interface Faults {
  readonly holes?: boolean;
  readonly noRollback?: boolean;
  readonly forgets?: boolean;
  /** Keeps where a room stands, and not what was said there. */
  readonly hollow?: boolean;
  readonly tellsLate?: boolean;
  readonly hangsOpen?: boolean;
}

/** The smallest store that keeps the rules, and ways to break them. */
function memoryStore(faults: Faults = {}) {
  let data = { log: [] as StoreEntry[], operations: [] as StoreOperation[] };
  let hollow = false;
  const open = async (): Promise<StoreUnderTest> => {
    const listeners = new Set<(entries: readonly StoreEntry[]) => void>();
    let queue: Promise<unknown> = Promise.resolve();
    let closed = false;
    const run = async <T>(work: Parameters<StoreUnderTest['write']>[0]): Promise<T> => {
      if (closed && !faults.hangsOpen) throw new Error('closed');
      const before = structuredClone(data);
      const fresh: StoreEntry[] = [];
      const positions = (room: string) => ({
        room,
        epoch: `e-${room}`,
        seq: data.log.filter((one) => one.room === room).length,
      });
      const tx = {
        log: {
          async append(room: string, event: { type: string; data: unknown }) {
            const seq = positions(room).seq + (faults.holes && data.log.length > 1 ? 2 : 1);
            const entry = { ...event, room, epoch: `e-${room}`, seq };
            data.log.push(entry);
            fresh.push(entry);
            return entry;
          },
          positions: async (rooms: readonly string[]) => rooms.map(positions),
          entries: async (room: string, after: number, limit: number) =>
            data.log.filter((one) => !hollow && one.room === room && one.seq > after).slice(0, limit),
        },
        operations: {
          get: async (owner: string, opId: string) =>
            data.operations.find((one) => one.owner === owner && one.opId === opId),
          insert: async (operation: StoreOperation) => void data.operations.push(operation),
        },
      };
      try {
        const result = (await work(tx)) as T;
        const tell = () => {
          for (const listener of listeners) listener(fresh);
        };
        if (faults.tellsLate) setTimeout(tell, 5);
        else if (fresh.length > 0) tell();
        return result;
      } catch (error) {
        if (!faults.noRollback) data = before;
        throw error;
      }
    };
    const inOrder = <T>(work: Parameters<StoreUnderTest['write']>[0]): Promise<T> => {
      const result = queue.then(() => run<T>(work));
      queue = result.catch(() => {});
      return result;
    };
    return {
      write: (work) => inOrder(work as never),
      read: (work) => inOrder(work as never),
      onCommit(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      async close() {
        closed = true;
        if (faults.forgets) data = { log: [], operations: [] };
        if (faults.hollow) hollow = true;
      },
    };
  };
  const clear = async () => {
    hollow = false;
    data = { log: [], operations: [] };
  };
  return { kind: 'store' as const, name: 'memory', open, clear };
}

describe('store cases', () => {
  it('pass on a store that keeps the rules', async () => {
    const report = await judgeStore(memoryStore());
    expect(report.results.filter(({ outcome }) => outcome.kind !== 'passed')).toEqual([]);
  });

  it.each([
    [{ holes: true }, 'numbers the entries of each room by exactly one, from one'],
    [{ noRollback: true }, 'undoes a work that throws, and only that one'],
    [{ forgets: true }, 'keeps log, epoch and operations when it is opened again'],
    [{ hollow: true }, 'keeps log, epoch and operations when it is opened again'],
    [{ tellsLate: true }, 'tells of entries in the order of commit, before the write resolves'],
    [{ hangsOpen: true }, 'refuses work once it is closed, and does not hang'],
  ])('notice a store with %j', async (faults, only) => {
    expect((await judgeStore(memoryStore(faults), { only })).results).toMatchObject([
      { outcome: { kind: 'failed' } },
    ]);
  });
});

function memoryBus({ sync = false, reversed = false, deafToSelf = false } = {}): BusUnderTest {
  let listeners = new Set<(messages: readonly BusNote[]) => void>();
  return {
    publish(messages) {
      const tell = () => {
        if (!deafToSelf && messages.length > 0)
          for (const listener of listeners) listener(reversed ? [...messages].reverse() : messages);
      };
      if (sync) tell();
      else queueMicrotask(tell);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      listeners = new Set();
    },
  };
}

describe('bus cases', () => {
  it('pass on a bus that keeps the rules', async () => {
    const report = await judgeBus({ kind: 'bus', name: 'memory', open: async () => memoryBus() });
    expect(report.results.filter(({ outcome }) => outcome.kind !== 'passed')).toEqual([]);
  });

  it.each([
    [{ sync: true }, 'never calls a listener while it is being published'],
    [{ reversed: true }, 'carries messages to the sender as well, in the order of publishing'],
    [{ deafToSelf: true }, 'carries messages to every listener, and to none that stopped'],
  ])('notice a bus with %j', async (faults, only) => {
    const report = await judgeBus(
      { kind: 'bus', name: 'broken', open: async () => memoryBus(faults) },
      { only, caseTimeoutMs: 200 },
    );
    expect(report.results).toMatchObject([{ outcome: { kind: 'failed' } }]);
  });
});
