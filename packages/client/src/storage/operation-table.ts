import type { StoredOperation } from '../operations/outbox-storage.js';
import { isStored, RECORD_VERSION } from './stored-record.js';
import type { WriteAhead } from './write-ahead.js';

const STORE = 'operations';

/** One row. `n` is the order of first appends, of all owners together. */
interface Row {
  readonly n: number;
  readonly v: number;
  readonly owner: string;
  readonly opId: string;
  readonly operation: StoredOperation;
}

/** What was taken over, oldest first, and how many rows stayed because nobody can read them. */
export interface TakenOver {
  readonly operations: readonly StoredOperation[];
  readonly unreadable: number;
}

/** The rows of all owners in one IndexedDB database. Each call is one transaction; they take effect in the order of the calls. */
export class OperationTable {
  readonly #indexedDB: IDBFactory;
  readonly #name: string;
  readonly #timeoutMs: number;
  readonly #ahead: WriteAhead;
  readonly #running = new Set<Promise<unknown>>();
  #database: Promise<IDBDatabase> | undefined;

  constructor(indexedDB: IDBFactory, name: string, timeoutMs: number, ahead: WriteAhead) {
    this.#indexedDB = indexedDB;
    this.#name = name;
    this.#timeoutMs = timeoutMs;
    this.#ahead = ahead;
  }

  async put(owner: string, operation: StoredOperation): Promise<void> {
    const { opId } = operation;
    this.#ahead.add(owner, operation);
    try {
      await this.#transact('readwrite', (rows) => {
        const key = rows.index('entry').getKey([owner, opId]);
        key.onsuccess = () => {
          const n = key.result;
          rows.put({ ...(n !== undefined && { n }), v: RECORD_VERSION, owner, opId, operation });
        };
      });
    } finally {
      this.#ahead.drop(owner, opId);
    }
  }

  async remove(owner: string, opId: string): Promise<void> {
    await this.#transact('readwrite', (rows) => {
      const key = rows.index('entry').getKey([owner, opId]);
      key.onsuccess = () => {
        if (key.result !== undefined) rows.delete(key.result);
      };
    });
  }

  /** Everybody who has rows. */
  async owners(): Promise<readonly string[]> {
    const owners: string[] = [];
    await this.#transact('readonly', (rows) => {
      const walk = rows.index('owner').openKeyCursor(null, 'nextunique');
      walk.onsuccess = () => {
        if (!walk.result) return;
        owners.push(String(walk.result.key));
        walk.result.continue();
      };
    });
    return [...new Set([...owners, ...this.#ahead.owners()])];
  }

  /** Makes the rows of `from` rows of `to`: all of them, or none. One operation that both have stays once. */
  async takeOver(from: string, to: string): Promise<TakenOver> {
    await this.#confirm(from);
    const operations: StoredOperation[] = [];
    let unreadable = 0;
    await this.#transact('readwrite', (rows) => {
      const owned = (owner: string) => rows.index('owner').getAll(owner) as IDBRequest<Row[]>;
      const mine = owned(to);
      const theirs = owned(from);
      theirs.onsuccess = () => {
        const known = new Set(mine.result.map(({ opId }) => opId));
        for (const row of theirs.result) {
          const readable = row.v === RECORD_VERSION && isStored(row.operation);
          if (!readable) unreadable++;
          else if (known.has(row.opId)) rows.delete(row.n);
          else {
            rows.put({ ...row, owner: to });
            operations.push(row.operation);
          }
        }
      };
    });
    return { operations, unreadable };
  }

  /**
   * Brings into the database what its dead owner did not live to see there. It stays that owner's until nothing of it stands in two
   * places: an heir who sent it, and died, would else leave it to be sent again.
   */
  async #confirm(owner: string): Promise<void> {
    const ahead = this.#ahead.of(owner);
    if (ahead.length === 0) return;
    await this.#transact('readwrite', (rows) => {
      const known = rows.index('owner').getAll(owner) as IDBRequest<Row[]>;
      known.onsuccess = () => {
        const there = new Set(known.result.map(({ opId }) => opId));
        for (const operation of ahead.filter(({ opId }) => !there.has(opId)))
          rows.put({ v: RECORD_VERSION, owner, opId: operation.opId, operation });
      };
    });
    for (const { opId } of ahead) this.#ahead.drop(owner, opId);
  }

  /** Finishes what runs. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running);
    const database = await this.#database?.catch(() => undefined);
    this.#database = undefined;
    database?.close();
  }

  async #transact(mode: IDBTransactionMode, work: (rows: IDBObjectStore) => void): Promise<void> {
    const done = this.#begin(mode, work);
    this.#running.add(done);
    try {
      await done;
    } finally {
      this.#running.delete(done);
    }
  }

  async #begin(mode: IDBTransactionMode, work: (rows: IDBObjectStore) => void): Promise<void> {
    const begin = async () => (await this.#open()).transaction(STORE, mode, { durability: 'strict' });
    const transaction = await begin().catch((error: { name?: string }) => {
      // The browser dropped the connection (some do, when they were in the background): once more, on a new one.
      if (error.name !== 'InvalidStateError') throw error;
      this.#database = undefined;
      return begin();
    });
    await this.#inTime<void>(
      (resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error ?? new Error('The transaction was aborted'));
        work(transaction.objectStore(STORE));
      },
      () => transaction.abort(),
    );
  }

  #open(): Promise<IDBDatabase> {
    this.#database ??= this.#inTime<IDBDatabase>((resolve, reject) => {
      const request = this.#indexedDB.open(this.#name, RECORD_VERSION);
      request.onupgradeneeded = () => {
        const rows = request.result.createObjectStore(STORE, { keyPath: 'n', autoIncrement: true });
        rows.createIndex('owner', 'owner');
        rows.createIndex('entry', ['owner', 'opId']);
      };
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        const forget = () => {
          this.#database = undefined;
        };
        // A newer version of the application wants to change the database: it may.
        database.onversionchange = () => {
          forget();
          database.close();
        };
        database.onclose = forget;
        resolve(database);
      };
    }).catch((error: unknown) => {
      this.#database = undefined;
      throw error;
    });
    return this.#database;
  }

  /** Some browsers leave requests unanswered for ever. */
  async #inTime<T>(
    begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
    giveUp: () => void = () => {},
  ): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        timer = setTimeout(() => {
          reject(new Error(`IndexedDB "${this.#name}" did not answer in ${this.#timeoutMs} ms`));
          giveUp();
        }, this.#timeoutMs);
        begin(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
    }
  }
}
