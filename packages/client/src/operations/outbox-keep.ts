import type { OutboxListener, OutboxStorage, StoredOperation } from './outbox-storage.js';

/** One opening of the storage. `lost`: it could not be opened. */
interface Life {
  standing: 'opening' | 'open' | 'lost';
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
    const life: Life = { standing: 'opening' };
    this.#life = life;
    const mine =
      <T>(tell: (value: T) => void) =>
      (value: T): void => {
        if (life === this.#life) tell(value);
      };
    const end = mine((standing: Life['standing']) => {
      life.standing = standing;
      this.#opened();
    });
    const found = mine(this.#listener.found);
    const fault = mine(this.#listener.fault);
    const opening = work(() => this.#storage.load({ found, fault }));
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

  /** From now on nothing is kept or removed; what is kept stays. */
  close(): Promise<void> | undefined {
    const life = this.#life;
    this.#life = undefined;
    return life && work(() => this.#storage.close?.());
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
