/** Lets one through at a time, in the order they came. Whoever finds it free starts at once, within the same turn. */
export class Lane {
  readonly #waiting: (() => void)[] = [];
  #status: 'free' | 'taken' = 'free';

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#status === 'taken') await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#status = 'taken';
    try {
      return await work();
    } finally {
      // Handed on without a moment in which it is free, or somebody new would overtake those who wait.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#status = 'free';
    }
  }
}
