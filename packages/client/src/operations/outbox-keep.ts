import { type OutboxListener, type OutboxStorage, outlives, type StoredOperation } from './outbox-storage.js';

/** One opening of the storage. `lost`: it could not be opened. */
interface Life {
  standing: 'opening' | 'open' | 'lost';
  /** The storage knows of it, did not refuse it, and is to be closed. */
  loaded: boolean;
  /** Settles when what was settled meanwhile is removed; undefined where it opened at once. */
  loading: Promise<void> | undefined;
  /** What was settled before it was open, a find that was cancelled for instance: nobody may find it again. */
  readonly settled: string[];
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

  /** Every mutation was given to the storage, and the next client will find it there. */
  get lasting(): boolean {
    return this.#life?.standing === 'open' && outlives(this.#storage);
  }

  open(): void {
    if (this.#life) return;
    const life: Life = { standing: 'opening', loaded: false, loading: undefined, settled: [] };
    this.#life = life;
    const mine =
      <T extends unknown[], R>(tell: (...value: T) => R) =>
      (...value: T): R | undefined =>
        life === this.#life ? tell(...value) : undefined;
    const end = (standing: Life['standing']) => {
      life.standing = standing;
      if (life === this.#life) this.#opened();
    };
    const opened = () => {
      for (const opId of life.settled) this.#forget(opId);
      end('open');
    };
    const found = mine(this.#listener.found);
    const fault = mine(this.#listener.fault);
    const load = mine(() => {
      life.loaded = true;
      const loading = work(() => this.#storage.load({ found, fault }));
      if (!loading) opened();
      else life.loading = loading.then(opened);
      return life.loading;
    });
    const opening = this.#closed ? this.#closed.then(load) : load();
    opening?.catch((error) => {
      // It is not ours to close.
      life.loaded = false;
      fault(error);
      end('lost');
    });
  }

  append(operation: StoredOperation): Promise<void> | undefined {
    return this.#life?.standing === 'open' ? work(() => this.#storage.append(operation)) : undefined;
  }

  remove(opId: string): void {
    const { standing, settled } = this.#life ?? {};
    if (standing === 'opening') settled?.push(opId);
    else if (standing === 'open') this.#forget(opId);
  }

  /** From now on nothing is kept or removed; what is kept stays. Resolves when the storage is closed. */
  close(): Promise<void> | undefined {
    const life = this.#life;
    this.#life = undefined;
    if (life?.loaded) {
      const shut = () => work(() => this.#storage.close?.());
      const closing = life.settled.length > 0 ? life.loading?.then(shut, shut) : undefined;
      this.#closed = (closing ?? shut())?.catch(this.#listener.fault);
    }
    return this.#closed;
  }

  #forget(opId: string): void {
    work(() => this.#storage.remove(opId))?.catch(this.#listener.fault);
  }
}

function work(call: () => Promise<void> | void): Promise<void> | undefined {
  try {
    return call() ?? undefined;
  } catch (error) {
    return Promise.reject(error);
  }
}
