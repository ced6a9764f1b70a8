import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { OutboxListener, OutboxStorage, StoredOperation } from '../operations/outbox-storage.js';
import { Opening } from './opening.js';
import { OperationLog, readLog, syncFolder } from './operation-log.js';
import { ProcessWatch, SOCKET_PATH_MAX } from './process-watch.js';

export interface FileStorageOptions {
  /**
   * A folder for this alone, made if need be, on a local disk. MUST differ between users: whoever opens it sends what is in it. It holds
   * message bodies; it is made readable by its owner only.
   */
  readonly folder: string;
}

/** A folder of an owner. */
const OWNER = /^[0-9a-f]{16}$/;
const LOG = 'log';

/**
 * Keeps the outbox in a folder, for Node. What `append` promised is on the disk (fsync) and survives kill -9 and power loss. Several
 * processes, and several clients in one, may use one folder: each owns what it queued as long as it lives. What a dead or closed one
 * leaves behind goes to exactly one other: at once if one is running, else to the next.
 */
export function fileStorage({ folder }: FileStorageOptions): OutboxStorage {
  const opening = new Opening<FileOwner>();
  return {
    load: (listener) => opening.open(() => FileOwner.begin(resolve(folder), listener)),
    append: async (operation) => opening.opened.log.put(operation),
    remove: async (opId) => opening.opened.log.drop(opId),
    close: () => opening.close((owner) => owner.end()),
  };
}

interface Heritage {
  readonly operations: readonly StoredOperation[];
  readonly damaged: boolean;
  /** All whose it was. */
  readonly owners: readonly string[];
}

/**
 * One owner in the folder: `<owner>.sock` says that it is alive, `<owner>/log` is what it has. Who inherits moves the whole folder of the
 * dead into its own, which succeeds once, and only then copies and deletes: at any moment all of it belongs to one owner.
 */
class FileOwner {
  readonly #folder: string;
  readonly #top: FileHandle;
  readonly #listener: OutboxListener;
  readonly #id = randomBytes(8).toString('hex');
  readonly #watch: ProcessWatch;
  /** One heritage after the other. */
  #inheriting: Promise<void> = Promise.resolve();
  #own: { readonly folder: FileHandle; readonly log: OperationLog } | undefined;
  #standing: 'alive' | 'ending' = 'alive';

  private constructor(folder: string, top: FileHandle, listener: OutboxListener) {
    this.#folder = folder;
    this.#top = top;
    this.#listener = listener;
    this.#watch = new ProcessWatch({
      owner: this.#id,
      addressOf: (owner) => address(folder, owner, top),
      onDead: (owner) => void this.#inherit(owner),
    });
  }

  static async begin(folder: string, listener: OutboxListener): Promise<FileOwner> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const owner = new FileOwner(folder, await open(folder, 'r'), listener);
    try {
      await owner.#begin();
      return owner;
    } catch (error) {
      await owner.end();
      throw error;
    }
  }

  get log(): OperationLog {
    if (!this.#own) throw new Error('The storage is not open');
    return this.#own.log;
  }

  /** The sign of life goes last: who inherits then finds everything that was begun. */
  async end(): Promise<void> {
    this.#standing = 'ending';
    await this.#inheriting;
    try {
      await this.#own?.log.close();
      await this.#own?.folder.close();
      if (this.#own?.log.size === 0) await this.#removeEmpty();
    } finally {
      await this.#watch.end();
      await this.#top.close();
    }
  }

  /** A heritage that could not be taken over is in there too, and stays for the next heir. */
  async #removeEmpty(): Promise<void> {
    const folder = this.#path(this.#id);
    for (const name of await readdir(folder)) {
      if (name.startsWith(LOG)) await rm(join(folder, name));
    }
    await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY') throw error;
    });
  }

  /** Alive before there is anything to inherit: a folder without a listener is a dead owner's. */
  async #begin(): Promise<void> {
    await this.#watch.begin();
    const path = this.#path(this.#id);
    await mkdir(path, { mode: 0o700 });
    await syncFolder(this.#top);
    const folder = await open(path, 'r');
    this.#own = { folder, log: new OperationLog(join(path, LOG), folder) };
    for (const name of await readdir(this.#folder)) {
      if (OWNER.test(name) && (await this.#watch.isDead(name))) await this.#inherit(name);
    }
  }

  #path(...names: readonly string[]): string {
    return join(this.#folder, ...names);
  }

  #inherit(dead: string): Promise<void> {
    this.#inheriting = this.#inheriting.then(async () => {
      if (this.#standing === 'ending') return;
      try {
        await this.#takeOver(dead);
      } catch (error) {
        this.#listener.fault(error instanceof Error ? error : new Error(String(error)));
      }
    });
    return this.#inheriting;
  }

  async #takeOver(dead: string): Promise<void> {
    const heritage = this.#path(this.#id, dead);
    try {
      await rename(this.#path(dead), heritage);
    } catch (error) {
      // Somebody else was faster.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    await this.#sync();
    const { operations, damaged, owners } = await this.#readAll(heritage, dead);
    await Promise.all(operations.map((operation) => this.log.put(operation)));
    // While their folders still say whose they are: who dies here leaves that to the next heir.
    for (const owner of owners) await rm(this.#path(`${owner}.sock`), { force: true });
    if (damaged) await this.#setAside(heritage, dead);
    else await rm(heritage, { recursive: true });
    // Before anything of it can be removed again from our log: it must not come back.
    await this.#sync();
    if (operations.length > 0) this.#listener.found(operations);
  }

  /** What was moved stays moved, also when the power goes. */
  async #sync(): Promise<void> {
    if (this.#own) await syncFolder(this.#own.folder);
    await syncFolder(this.#top);
  }

  /** What a dead owner had, and what it was about to inherit, oldest first. */
  async #readAll(folder: string, owner: string): Promise<Heritage> {
    const names = await readdir(folder);
    const nested = await Promise.all(
      names.filter((name) => OWNER.test(name)).map((name) => this.#readAll(join(folder, name), name)),
    );
    const own = names.includes(LOG) ? await readLog(join(folder, LOG)) : { operations: [], unreadable: 0 };
    const all = new Map(
      [...nested, own].flatMap(({ operations }) => operations.map((one) => [one.opId, one] as const)),
    );
    return {
      operations: [...all.values()],
      damaged: own.unreadable > 0 || nested.some(({ damaged }) => damaged),
      owners: [owner, ...nested.flatMap(({ owners }) => owners)],
    };
  }

  async #setAside(heritage: string, dead: string): Promise<void> {
    const aside = this.#path(`${dead}.damaged`);
    await rename(heritage, aside);
    this.#listener.fault(
      new Error(`Unreadable lines in a log of an earlier process: it is kept in ${aside}`),
    );
  }
}

function address(folder: string, owner: string, top: FileHandle): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\goconnect-outbox-${owner}`;
  const path = join(folder, `${owner}.sock`);
  if (Buffer.byteLength(path) <= SOCKET_PATH_MAX) return path;
  if (process.platform === 'linux') return `/proc/self/fd/${top.fd}/${owner}.sock`;
  throw new Error(
    `The path of the outbox folder is too long by ${Buffer.byteLength(path) - SOCKET_PATH_MAX} bytes`,
  );
}
