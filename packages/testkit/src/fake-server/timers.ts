import type { Clock, TimerHandle } from '@goconnect/protocol/validators';

/** Timers with one owner, who ends them all. */
export class Timers {
  readonly #clock: Clock;
  readonly #handles = new Set<TimerHandle>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns how to cancel. */
  after(ms: number, task: () => void): () => void {
    const handle = this.#clock.setTimeout(() => {
      this.#handles.delete(handle);
      task();
    }, ms);
    this.#handles.add(handle);
    return () => {
      this.#handles.delete(handle);
      this.#clock.clearTimeout(handle);
    };
  }

  clear(): void {
    for (const handle of this.#handles) this.#clock.clearTimeout(handle);
    this.#handles.clear();
  }
}
