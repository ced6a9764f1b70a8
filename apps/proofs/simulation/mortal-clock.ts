import type { Clock, TimerHandle } from '@goconnect/protocol';
import type { VirtualMachine } from '@goconnect/testkit';

/** More than any process of a history needs. */
const MOST_TIMERS = 100_000;

/** The clock of one process: with the process its timers die, and nothing it set fires any more. */
export class MortalClock implements Clock {
  readonly #machine: VirtualMachine;
  readonly #timers = new Set<TimerHandle>();
  #made = 0;
  #life: 'alive' | 'dead' = 'alive';

  constructor(machine: VirtualMachine) {
    this.#machine = machine;
  }

  get alive(): boolean {
    return this.#life === 'alive';
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#machine.now();
  }

  monotonic(): number {
    return this.#machine.monotonic();
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    if (!this.alive) return undefined;
    if (++this.#made > MOST_TIMERS) throw new Error(`a process set ${MOST_TIMERS} timers: it spins`);
    // Whole milliseconds, as real timers wait: else a rest of 1e-11 ms would fire for ever in the same instant.
    const timer = this.#machine.setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, Math.ceil(delayMs));
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle);
    this.#machine.clearTimeout(handle);
  }

  post(task: () => void): void {
    this.#machine.post(() => {
      if (this.alive) task();
    });
  }

  /** Takes `ms`. Never over when the process dies meanwhile. */
  after(ms: number): Promise<void> {
    return new Promise((resolve) => void this.setTimeout(resolve, ms));
  }

  die(): void {
    this.#life = 'dead';
    for (const timer of this.#timers) this.#machine.clearTimeout(timer);
    this.#timers.clear();
  }
}
