import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, stat } from 'node:fs/promises';
import type { StoredOperation } from '../operations/outbox-storage.js';
import { type Deferred, deferred } from '../support/deferred.js';
import { isStored, RECORD_VERSION } from './stored-record.js';

/** Below this a log is not worth rewriting. */
const REWRITE_FROM = 65_536;
/** Larger than any log that this version writes: somebody else's file. */
const READ_MAX = 268_435_456;

type Change =
  | { readonly v: number; readonly put: StoredOperation }
  | { readonly v: number; readonly drop: string };

interface Pending {
  readonly change: Change;
  readonly done: Deferred<void>;
}

/** What a log says, and how many of its lines nobody can read. A last line without an end was never promised to anybody. */
export interface LogContent {
  readonly operations: readonly StoredOperation[];
  readonly unreadable: number;
}

export async function readLog(path: string): Promise<LogContent> {
  if ((await stat(path)).size > READ_MAX) return { operations: [], unreadable: 1 };
  const live = new Map<string, StoredOperation>();
  let unreadable = 0;
  for (const line of (await readFile(path, 'utf8')).split('\n').slice(0, -1)) {
    const change = parse(line);
    if (change) apply(live, change);
    else unreadable++;
  }
  return { operations: [...live.values()], unreadable };
}

/**
 * An append-only log with one change per line, each with a checksum. What comes while the disk is busy is written together, with one
 * fsync. Rewritten, atomically, when it is mostly history; and after any failure, since nobody knows then what of it is on the disk.
 */
export class OperationLog {
  readonly #path: string;
  readonly #folder: FileHandle;
  #live = new Map<string, StoredOperation>();
  #pending: Pending[] = [];
  #flushing: Promise<void> | undefined;
  /** Undefined: to be written anew before anything else. */
  #file: FileHandle | undefined;
  #size = 0;
  #rewriteAt = REWRITE_FROM;

  /** `folder`: where `path` is. */
  constructor(path: string, folder: FileHandle) {
    this.#path = path;
    this.#folder = folder;
  }

  get size(): number {
    return this.#live.size;
  }

  put(operation: StoredOperation): Promise<void> {
    return this.#change({ v: RECORD_VERSION, put: operation });
  }

  drop(opId: string): Promise<void> {
    return this.#change({ v: RECORD_VERSION, drop: opId });
  }

  /** Finishes what was begun. */
  async close(): Promise<void> {
    await this.#flushing;
    await this.#file?.close();
    this.#file = undefined;
  }

  #change(change: Change): Promise<void> {
    const done = deferred<void>();
    this.#pending.push({ change, done });
    this.#flushing ??= this.#flush();
    return done.promise;
  }

  async #flush(): Promise<void> {
    // All that is asked for in this turn goes together.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      const after = new Map(this.#live);
      for (const { change } of batch) apply(after, change);
      try {
        if (this.#file && this.#size < this.#rewriteAt) await this.#extend(this.#file, batch);
        else await this.#rewrite(after);
        this.#live = after;
        for (const { done } of batch) done.resolve();
      } catch (error) {
        await this.#abandon();
        for (const { change, done } of batch) {
          // What was not kept is refused; what is to be forgotten is forgotten with the next rewriting.
          if ('drop' in change) this.#live.delete(change.drop);
          done.reject(error);
        }
      }
    }
    this.#flushing = undefined;
  }

  /** What was refused should not be found by the next owner: cut it off, as far as the disk lets us. */
  async #abandon(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.truncate(this.#size).catch(() => {});
    await file?.close().catch(() => {});
  }

  async #extend(file: FileHandle, batch: readonly Pending[]): Promise<void> {
    const text = batch.map(({ change }) => format(change)).join('');
    await file.appendFile(text);
    await file.datasync();
    this.#size += Buffer.byteLength(text);
  }

  async #rewrite(live: ReadonlyMap<string, StoredOperation>): Promise<void> {
    const draft = `${this.#path}.new`;
    const text = [...live.values()].map((put) => format({ v: RECORD_VERSION, put })).join('');
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
      await rename(draft, this.#path);
      await syncFolder(this.#folder);
    } catch (error) {
      await file.close();
      throw error;
    }
    await this.#file?.close();
    this.#file = file;
    this.#size = Buffer.byteLength(text);
    this.#rewriteAt = Math.max(REWRITE_FROM, 2 * this.#size);
  }
}

/** Makes names in a folder as durable as the files behind them. Windows does so by itself, and refuses. */
export async function syncFolder(folder: FileHandle): Promise<void> {
  if (process.platform !== 'win32') await folder.sync();
}

function apply(live: Map<string, StoredOperation>, change: Change): void {
  if ('drop' in change) live.delete(change.drop);
  else live.set(change.put.opId, change.put);
}

function format(change: Change): string {
  const json = JSON.stringify(change);
  return `${checksum(json)} ${json}\n`;
}

function parse(line: string): Change | undefined {
  const json = line.slice(17);
  if (line[16] !== ' ' || line.slice(0, 16) !== checksum(json)) return undefined;
  const { v, put, drop } = JSON.parse(json) as { v?: unknown; put?: unknown; drop?: unknown };
  if (v !== RECORD_VERSION) return undefined;
  if (typeof drop === 'string') return { v, drop };
  return isStored(put) ? { v, put } : undefined;
}

/** 64 bits: against torn and rotten lines, not against people. */
function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 16);
}
