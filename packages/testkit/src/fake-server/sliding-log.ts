/** Counts what happened within a window that ends now: no window of that length ever holds more than `limit` (A6.2). */
export class SlidingLog {
  #times: number[] = [];

  constructor(
    public limit: number,
    readonly windowMs: number,
  ) {}

  /** Takes one; 0 when there was room, else the milliseconds after which there is. */
  take(now: number): number {
    this.#times = this.#times.filter((at) => at > now - this.windowMs);
    if (this.#times.length < this.limit) {
      this.#times.push(now);
      return 0;
    }
    const freed = this.#times[this.#times.length - this.limit] ?? now;
    return Math.max(1, Math.ceil(freed + this.windowMs - now));
  }
}
