import type { OutboxListener, OutboxStorage } from '../operations/outbox-storage.js';
import { Opening, withRemedy } from './opening.js';
import { OperationTable } from './operation-table.js';
import { type LockManagerLike, TabOwnership } from './tab-ownership.js';
import { type WebStorageLike, WriteAhead } from './write-ahead.js';

export type { LockManagerLike } from './tab-ownership.js';
export type { WebStorageLike } from './write-ahead.js';

export interface IndexedDbStorageOptions {
  /**
   * Name of the database. MUST differ between users of the application on one device: whoever opens it sends what is in it. Default
   * `goconnect-outbox`.
   */
  readonly name?: string | undefined;
  /** Longest wait for the database, ms; past it the call is rejected. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Default: the platform's. */
  readonly indexedDB?: IDBFactory | undefined;
  /** Default: `navigator.locks`. */
  readonly locks?: LockManagerLike | undefined;
  /** Default: the platform's. Without one, tabs hear of each other only when they open. */
  readonly BroadcastChannel?: typeof BroadcastChannel | undefined;
  /**
   * Where an operation stands until the database has it, so that a reload in that moment does not lose it. Default: the platform's.
   * Where there is none, or it is full, that moment stays.
   */
  readonly localStorage?: WebStorageLike | undefined;
}

/**
 * Keeps the outbox in IndexedDB, with strict durability. Several tabs may use one database: each owns what it queued and holds a Web
 * Lock as long as it lives. What a closed, crashed or reloaded tab leaves behind goes to exactly one other: at once if one is open,
 * else to the next.
 *
 * Without Web Locks (pages without TLS, browsers before 2022) nobody can tell whether another tab is alive: it refuses to open, and the
 * client tells `storage_failed` and goes on in memory.
 */
export function indexedDbStorage(options: IndexedDbStorageOptions = {}): OutboxStorage {
  const { name = 'goconnect-outbox', timeoutMs = 10_000 } = options;
  const opening = new Opening<Opened>();
  return {
    load: (listener) => opening.open(() => open(name, timeoutMs, options, listener)),
    async append(operation) {
      const { table, tab } = opening.opened;
      await table.put(tab.owner, operation);
    },
    async remove(opId) {
      const { table, tab } = opening.opened;
      await table.remove(tab.owner, opId);
    },
    close: () => opening.close(shut),
  };
}

interface Opened {
  readonly table: OperationTable;
  readonly tab: TabOwnership;
}

async function open(
  name: string,
  timeoutMs: number,
  options: IndexedDbStorageOptions,
  { found, fault }: OutboxListener,
): Promise<Opened> {
  // What the types promise may be missing all the same.
  const platform = globalThis as Partial<typeof globalThis>;
  const factory = options.indexedDB ?? platform.indexedDB;
  const locks = options.locks ?? (platform.navigator?.locks as LockManagerLike | undefined);
  const BroadcastChannel = options.BroadcastChannel ?? platform.BroadcastChannel;
  if (!factory) throw withRemedy('There is no IndexedDB here', 'Use another storage here.');
  if (!locks) throw withRemedy('There are no Web Locks here', 'Serve the page over https.');
  const ahead = new WriteAhead(options.localStorage ?? platformStorage(), name);
  const table = new OperationTable(factory, name, timeoutMs, ahead);
  const inherit = async (other: string): Promise<void> => {
    try {
      const { operations, unreadable } = await table.takeOver(other, tab.owner);
      if (operations.length > 0) found(operations);
      if (unreadable > 0) fault(new Error(`${unreadable} unreadable records stay in "${name}"`));
    } catch (error) {
      fault(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const tab: TabOwnership = new TabOwnership(name, {
    locks,
    BroadcastChannel,
    owners: () => table.owners(),
    inherit,
  });
  try {
    await tab.begin();
    return { table, tab };
  } catch (error) {
    await shut({ table, tab });
    throw error;
  }
}

/** Reading the property throws where the user forbids sites to store anything. */
function platformStorage(): WebStorageLike | undefined {
  try {
    return (globalThis as Partial<typeof globalThis>).localStorage;
  } catch {
    return undefined;
  }
}

/** The lock last: who inherits then finds everything that was begun. */
async function shut({ table, tab }: Opened): Promise<void> {
  await tab.stop();
  await table.close();
  tab.release();
}
