import type { Clock, TimerHandle } from '@goconnect/protocol';
import { amount, check, finite } from '../support/rules.js';
import type { Timeline } from './timeline.js';

/** How a sleeping machine treats its monotonic clock: Linux and macOS stop it, Windows lets it run. */
export type SleepMode = 'stops' | 'runs';

/**
 * One computer on the virtual time line: it shares the passing of time with the others, but has a wall clock of
 * its own that can be wrong, and it can sleep.
 */
export class VirtualMachine implements Clock {
  readonly #timeline: Timeline;
  #wallAtStart: number;
  #start: number;
  #rate = 1;
  /** Monotonic time lost in sleep. */
  #slept = 0;
  #sleep: { readonly from: number; readonly until: number; readonly mode: SleepMode } | undefined;

  constructor(timeline: Timeline, wall: number) {
    this.#timeline = timeline;
    this.#wallAtStart = wall;
    this.#start = timeline.time;
  }

  /** Wall clock, milliseconds since the epoch, with every step and skew. */
  now(): number {
    return Math.round(this.#wallAtStart + (this.#timeline.time - this.#start) * this.#rate);
  }

  /** Milliseconds since the time line began, without those of sleep where that stops it. */
  monotonic(): number {
    return this.#timeline.time - this.#slept - this.#lostInSleep();
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const due = this.#timeline.time + Math.max(0, delayMs || 0);
    return this.#timeline.add(this, callback, this.#notBefore(due));
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timeline.remove(handle);
  }

  /**
   * Runs `task` in a turn of its own, without time passing: nobody needs to advance the clock for it. This is how a
   * fake network delivers what arrives at once. A sleeping machine runs it when it wakes.
   */
  post(task: () => void): void {
    if (this.asleep) this.setTimeout(task, 0);
    else this.#timeline.post(task);
  }

  /** Moves the wall clock by `ms`, forward or back, as NTP or a user does. Timers and `monotonic()` do not notice. */
  step(ms: number): void {
    check(ms, finite, 'step() of the wall clock');
    this.#rebase();
    this.#wallAtStart += ms;
  }

  /** Lets the wall clock run at `rate` times the speed of time from now on; 1 is exact, 1.0001 gains 8.6 s a day, 0 stands still. */
  skew(rate: number): void {
    check(rate, amount, 'skew() of the wall clock');
    this.#rebase();
    this.#rate = rate;
  }

  /** True while the machine sleeps. */
  get asleep(): boolean {
    return this.#sleep !== undefined && this.#timeline.time < this.#sleep.until;
  }

  /**
   * Falls asleep for `ms`: no timer of this machine fires and nothing is delivered to it until then, while the
   * others go on. Returns at once; time passes when the clock is advanced. A machine that sleeps already wakes at the
   * later of the two times, and sleeps on as it did.
   *
   * @param mode `stops` (default): timers still have to wait what was left of them; `runs`: overdue ones fire at wake-up
   */
  suspend(ms: number, mode: SleepMode = 'stops'): void {
    check(ms, amount, 'suspend()');
    const now = this.#timeline.time;
    const current = this.#sleep && this.asleep ? this.#sleep : undefined;
    if (!current) this.#endSleep();
    const sleep = { from: now, mode, ...current, until: Math.max(current?.until ?? now, now + ms) };
    // What was put off by the sleep that goes on is put off only by what it is longer now.
    const longer = sleep.until - (current?.until ?? now);
    this.#sleep = sleep;
    this.#timeline.reschedule(this, (at) =>
      sleep.mode === 'stops' ? at + longer : Math.max(at, sleep.until),
    );
  }

  #endSleep(): void {
    this.#slept += this.#lostInSleep();
    this.#sleep = undefined;
  }

  #lostInSleep(): number {
    if (this.#sleep?.mode !== 'stops') return 0;
    return Math.min(this.#timeline.time, this.#sleep.until) - this.#sleep.from;
  }

  #notBefore(due: number): number {
    if (this.#sleep === undefined) return due;
    if (this.asleep) return Math.max(due, this.#sleep.until);
    this.#endSleep();
    return due;
  }

  #rebase(): void {
    this.#wallAtStart += (this.#timeline.time - this.#start) * this.#rate;
    this.#start = this.#timeline.time;
  }
}
