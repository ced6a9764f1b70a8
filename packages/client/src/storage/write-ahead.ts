import type { StoredOperation } from '../operations/outbox-storage.js';
import { isStored, RECORD_VERSION } from './stored-record.js';

/** The part of `localStorage` that is used. */
export interface WebStorageLike {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

interface Entry {
  readonly n: number;
  readonly v: number;
  readonly operation: StoredOperation;
}

/**
 * What the database was given and has not confirmed yet. Browsers drop the transactions of a page that goes away: of messages written
 * right before a reload, Chromium 156 lost every third (2026-11-24). What stands in `localStorage` was there when `setItem` returned.
 *
 * An entry lives for the milliseconds of one transaction. Nothing in here was ever sent: the client waits for the database first.
 */
export class WriteAhead {
  readonly #storage: WebStorageLike | undefined;
  readonly #name: string;
  #count = 0;

  constructor(storage: WebStorageLike | undefined, name: string) {
    this.#storage = storage;
    this.#name = name;
  }

  add(owner: string, { sentAt: _, ...operation }: StoredOperation): void {
    const entry: Entry = { n: this.#count++, v: RECORD_VERSION, operation };
    try {
      this.#storage?.setItem(this.#key(owner, operation.opId), JSON.stringify(entry));
    } catch {
      // Full or forbidden: it only bridges the time until the database answers.
    }
  }

  drop(owner: string, opId: string): void {
    this.#storage?.removeItem(this.#key(owner, opId));
  }

  /** Everybody who left something. */
  owners(): readonly string[] {
    return [...new Set(this.#keys().flatMap((key) => key.split('/')[1] ?? []))];
  }

  /** What `owner` left, oldest first. */
  of(owner: string): readonly StoredOperation[] {
    return this.#keys()
      .filter((key) => key.startsWith(this.#key(owner, '')))
      .flatMap((key) => readEntry(this.#storage?.getItem(key) ?? ''))
      .sort((one, other) => one.n - other.n)
      .map(({ operation }) => operation);
  }

  #key(...parts: readonly string[]): string {
    return [this.#name, ...parts].map(encodeURIComponent).join('/');
  }

  #keys(): readonly string[] {
    const storage = this.#storage;
    return Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? '').filter(
      (key) => key.startsWith(this.#key('')),
    );
  }
}

/** Nothing where another version, or somebody else, wrote. */
function readEntry(text: string): readonly Entry[] {
  try {
    const { n, v, operation } = JSON.parse(text) as Entry;
    return v === RECORD_VERSION && isStored(operation) ? [{ n: Number(n), v, operation }] : [];
  } catch {
    return [];
  }
}
