import type { Clock } from '@goconnect/protocol';

/** So long one kind of work may keep the event loop in one turn. */
const TURN_MS = 10;

/**
 * Shares the event loop between one kind of work and everybody else. When thousands of clients come back at once, their
 * upgrades arrive in one turn, and a database within the process answers in the turn that asks: without a share the loop
 * would not come round before the last of them is done.
 */
export class LoopShare {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** When the first work of this turn began; monotonic. */
  #began: number | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Resolves when there is time left: in this turn, or a later one. */
  async turn(): Promise<void> {
    while (this.#spent()) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Runs work behind what came before, when there is time left. For work that waits for nothing but the processor. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const result = (async () => {
      await before;
      await this.turn();
      return await work();
    })();
    this.#last = result.catch(() => {});
    return result;
  }

  #spent(): boolean {
    const now = this.#clock.monotonic();
    if (this.#began !== undefined) return now - this.#began >= TURN_MS;
    this.#began = now;
    setImmediate(() => {
      this.#began = undefined;
    });
    return false;
  }
}
