import type { Clock, TimerHandle } from '@goconnect/protocol';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock whose time passes when a test says so, beside real sockets and a real store. */
export class TestClock implements Clock {
  readonly #timers = new Set<Timer>();
  #wallStep = 0;
  #time = 0;
  #made = 0;

  constructor(readonly wallStart = Date.UTC(2025, 10, 21, 10)) {}

  now(): number {
    return this.wallStart + this.#wallStep + this.#time;
  }

  /** Somebody sets the wall clock. No time passes by it. */
  stepWall(ms: number): void {
    this.#wallStep += Math.round(ms);
  }

  monotonic(): number {
    return this.#time;
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const timer: Timer = { due: this.#time + Math.max(0, delayMs), order: this.#made++, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle as Timer);
  }

  /** Timers nobody ended yet. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass; what falls due runs in order, with turns of the event loop between. */
  async advance(ms: number): Promise<void> {
    const end = this.#time + ms;
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#time = Math.max(this.#time, timer.due);
      timer.callback();
      await turns(3);
    }
    this.#time = end;
    await turns(3);
  }

  /** Time passes while something computes: nothing else happens meanwhile. */
  pass(ms: number): void {
    this.#time += ms;
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.due <= end);
    return due.sort((a, b) => a.due - b.due || a.order - b.order)[0];
  }
}

/** Lets the event loop go round, so that sockets, files and promises get on. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
