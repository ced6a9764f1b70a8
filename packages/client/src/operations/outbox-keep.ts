import type { OutboxListener, OutboxStorage, StoredOperation } from './outbox-storage.js';

/** One opening of the storage. `lost`: it could not be opened. */
interface Life {
  standing: 'opening' | 'open' | 'lost';
  /** The storage knows of it, and is to be closed. */
  loaded: boolean;
}

/**
 * The storage as the outbox uses it: opened when first needed; done without, and told once, where it cannot be opened. What throws
 * counts as rejected. A call without a promise is done.
 */
export class Keep {
  readonly #storage: OutboxStorage;
  readonly #listener: OutboxListener;
  readonly #opened: () => void;
  #life: Life | undefined;
  /** The end of the opening before. */
  #closed: Promise<void> | undefined;

  constructor(storage: OutboxStorage, listener: OutboxListener, opened: () => void) {
    this.#storage = storage;
    this.#listener = listener;
    this.#opened = opened;
  }

  /** What earlier owners left is known, so that what is new may follow it. */
  get ready(): boolean {
    return (this.#life?.standing ?? 'opening') !== 'opening';
  }

  open(): void {
    if (this.#life) return;
    const life: Life = { standing: 'opening', loaded: false };
    this.#life = life;
    const mine =
      <T extends unknown[], R>(tell: (...value: T) => R) =>
      (...value: T): R | undefined =>
        life === this.#life ? tell(...value) : undefined;
    const end = mine((standing: Life['standing']) => {
      life.standing = standing;
      this.#opened();
    });
    const found = mine(this.#listener.found);
    const fault = mine(this.#listener.fault);
    const load = mine(() => {
      life.loaded = true;
      return this.#storage.load({ found, fault });
    });
    const opening = this.#closed ? this.#closed.then(load) : work(load);
    if (opening) {
      opening.then(
        () => end('open'),
        (error) => {
          fault(error);
          end('lost');
        },
      );
    } else end('open');
  }

  append(operation: StoredOperation): Promise<void> | undefined {
    return this.#run(() => this.#storage.append(operation));
  }

  remove(opId: string): void {
    this.#run(() => this.#storage.remove(opId))?.catch(this.#listener.fault);
  }

  /** From now on nothing is kept or removed; what is kept stays. Resolves when the storage is closed. */
  close(): Promise<void> | undefined {
    if (this.#life?.loaded) this.#closed = work(() => this.#storage.close?.())?.catch(this.#listener.fault);
    this.#life = undefined;
    return this.#closed;
  }

  #run(call: () => Promise<void> | void): Promise<void> | undefined {
    return this.#life?.standing === 'open' ? work(call) : undefined;
  }
}

function work(call: () => Promise<void> | void): Promise<void> | undefined {
  try {
    return call() ?? undefined;
  } catch (error) {
    return Promise.reject(error);
  }
}
