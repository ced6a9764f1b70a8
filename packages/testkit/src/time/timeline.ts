import type { TimerHandle } from '@goconnect/protocol';
import { TestkitError } from '../support/testkit-error.js';
import { nextTurn, turn } from '../support/turn.js';
import { type Timer, TimerQueue } from './timer-queue.js';

/** A timer that still waits, for people: when it fires and in how many milliseconds. */
export interface PendingTimer {
  readonly at: number;
  readonly inMs: number;
}

/** Timers that may fire at one instant: far more than any program has use for, and over in a second. */
const AT_ONCE_MAX = 100_000;

/**
 * The one line of virtual time: timers in order, and tasks that run at the present instant.
 *
 * Between two timers or tasks lies a turn of the real event loop, so that all promise reactions of the first have
 * run before the second: what a program sees is what it would see in reality, only without the waiting.
 */
export class Timeline {
  /** Milliseconds since the line began. */
  time = 0;
  readonly #timers = new TimerQueue();
  #tasks: (() => void)[] = [];
  #order = 0;
  /** Timers that fired since time last passed. */
  #atOnce = 0;
  /** Where the timer was set that is one too many. */
  #setFrom: string | undefined;
  #drivers = 0;
  #pumping = false;
  #open = true;
  readonly #rest: () => Promise<void>;

  /** @param rest awaited at each instant until everything that needs no virtual time has happened */
  constructor(rest: () => Promise<void> = turn) {
    this.#rest = rest;
  }

  get open(): boolean {
    return this.#open;
  }

  add(machine: object, callback: () => void, at: number): TimerHandle {
    const timer: Timer = { at, order: this.#order++, machine, callback };
    if (this.#atOnce === AT_ONCE_MAX) this.#setFrom = new Error('A timer was set here').stack;
    // On a closed line nothing fires any more; whoever still sets timers is on its way out.
    if (this.#open) this.#timers.push(timer);
    return timer;
  }

  remove(handle: TimerHandle): void {
    const timer = handle as Timer | undefined;
    if (timer) timer.callback = undefined;
  }

  reschedule(machine: object, change: (at: number) => number): void {
    this.#timers.reschedule((timer) => {
      if (timer.machine === machine) timer.at = change(timer.at);
    });
  }

  post(task: () => void): void {
    if (!this.#open) return;
    this.#tasks.push(task);
    this.#pump();
  }

  pending(): readonly PendingTimer[] {
    return this.#timers.waiting().map(({ at }) => ({ at, inMs: at - this.time }));
  }

  /**
   * Fires what is due up to `target`, as long as `goal` does not hold. True when the goal was reached.
   *
   * @throws `TestkitError` with code `endless_timers` when so many fire at one instant that time will hardly pass again
   */
  async drive(target: number, goal: () => boolean): Promise<boolean> {
    this.#drivers++;
    this.#atOnce = 0;
    try {
      await this.#settle();
      while (this.#open && !goal()) {
        const timer = this.#timers.peek();
        if (!timer || timer.at > target) {
          this.time = Math.max(this.time, target);
          return false;
        }
        if (timer.at > this.time) this.#atOnce = 0;
        if (this.#atOnce === AT_ONCE_MAX) throw this.#endless(timer);
        this.#fire(timer);
        await this.#settle();
      }
      return goal();
    } finally {
      this.#drivers--;
      this.#pump();
    }
  }

  close(): readonly PendingTimer[] {
    const left = this.pending();
    this.#open = false;
    this.#timers.clear();
    this.#tasks = [];
    return left;
  }

  #fire(timer: Timer): void {
    this.#timers.pop();
    this.time = Math.max(this.time, timer.at);
    const { callback } = timer;
    timer.callback = undefined;
    this.#atOnce++;
    callback?.();
  }

  #endless({ callback }: Timer): TestkitError {
    const name = callback?.name || 'a function without a name';
    return new TestkitError(
      'endless_timers',
      `${AT_ONCE_MAX} timers fired at ${this.time} ms without time passing, and the next one is there: ${name}.`,
      `Find what sets a timer of 0 ms in itself, again and again: it was last set ${callerIn(this.#setFrom ?? '')}.`,
    );
  }

  /** Runs all tasks of this instant, each in a turn of its own, and lets the last one's promises react. */
  async #settle(): Promise<void> {
    await this.#rest();
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) {
      task();
      await this.#rest();
    }
  }

  /** Runs tasks although nobody drives: time stands still meanwhile. */
  #pump(): void {
    if (this.#pumping || this.#drivers > 0 || this.#tasks.length === 0) return;
    this.#pumping = true;
    nextTurn(() => {
      this.#pumping = false;
      if (this.#drivers > 0) return;
      const task = this.#tasks.shift();
      try {
        task?.();
      } finally {
        this.#pump();
      }
    });
  }
}

/** Who called `setTimeout`: the first frame that is not the clock's own. */
function callerIn(stack: string): string {
  const frames = stack.split('\n').slice(1);
  const outside = frames.filter(
    (frame) => !/ at (Timeline|VirtualMachine|Timers|Object)\.(add|setTimeout|after) /.test(frame),
  );
  return (outside[0] ?? frames.at(-1) ?? '').trim();
}
