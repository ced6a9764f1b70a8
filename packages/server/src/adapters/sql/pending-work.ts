import type { Transaction } from '../../ports/store.js';

type Outcome<T> =
  | { readonly kind: 'none' }
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown };

/** A work that was handed in. What it came to is told only once the transaction it shares is durable. */
export class PendingWork<T> {
  readonly #work: (tx: Transaction) => Promise<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  #outcome: Outcome<T> = { kind: 'none' };

  constructor(
    work: (tx: Transaction) => Promise<T>,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ) {
    this.#work = work;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Rejects when the work throws. */
  async run(tx: Transaction): Promise<void> {
    this.#outcome = { kind: 'none' };
    this.#outcome = { kind: 'done', value: await this.#work(tx) };
  }

  /** The work threw and was rolled back alone. */
  fail(error: unknown): void {
    this.#outcome = { kind: 'failed', error };
  }

  /** The transaction is durable. */
  settle(): void {
    if (this.#outcome.kind === 'done') this.#resolve(this.#outcome.value);
    else this.#reject(this.#outcome.kind === 'failed' ? this.#outcome.error : new Error('a work never ran'));
  }

  /** The transaction is lost, and this work with it; or nobody knows, which `error` says. */
  lose(error: unknown): void {
    this.#reject(error);
  }
}

/** A pending work of whatever result, as the queue sees it. */
export type AnyPendingWork = Pick<PendingWork<never>, 'run' | 'fail' | 'settle' | 'lose'>;
