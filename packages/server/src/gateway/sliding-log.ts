import type { Rate } from './gateway-settings.js';

/**
 * Admits at most `limit` per window, in whatever window of that length one looks (A6.2). It remembers when each was
 * admitted: token buckets and fixed windows let twice the limit through at their seams.
 */
export class SlidingLog {
  readonly #rate: Rate;
  /** A ring of the times of those that are still in the window, oldest at `#first`. Grows to `limit`. */
  #times = new Float64Array(8);
  #first = 0;
  #count = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Milliseconds until one more is admitted; 0 when it is now. Whole, and exact when nothing else is admitted meanwhile. */
  waitMs(now: number): number {
    this.#forget(now);
    const over = this.#count - this.#rate.limit;
    return over < 0 ? 0 : Math.ceil(this.#at(over) + this.#rate.windowMs - now);
  }

  /** Admits one, whether there is a place or not: ask `waitMs` before. */
  admit(now: number): void {
    if (this.#count === this.#times.length) this.#grow();
    this.#times[(this.#first + this.#count) % this.#times.length] = now;
    this.#count++;
  }

  /** Takes back one that was admitted at `time`. */
  giveBack(time: number): void {
    for (let index = this.#count - 1; index >= 0; index--) {
      if (this.#at(index) !== time) continue;
      for (let next = index + 1; next < this.#count; next++) {
        this.#times[(this.#first + next - 1) % this.#times.length] = this.#at(next);
      }
      this.#count--;
      return;
    }
  }

  /** True when forgetting this log changes nothing. */
  idle(now: number): boolean {
    this.#forget(now);
    return this.#count === 0;
  }

  #forget(now: number): void {
    while (this.#count > 0 && this.#at(0) + this.#rate.windowMs <= now) {
      this.#first = (this.#first + 1) % this.#times.length;
      this.#count--;
    }
  }

  #at(index: number): number {
    return this.#times[(this.#first + index) % this.#times.length] as number;
  }

  #grow(): void {
    const larger = new Float64Array(this.#times.length * 2);
    for (let index = 0; index < this.#count; index++) larger[index] = this.#at(index);
    this.#times = larger;
    this.#first = 0;
  }
}
