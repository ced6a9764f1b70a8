/** Chance that can be had again: the same seed, the same run (mulberry32). */
export class Chance {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** True once in `times`, on average. */
  once(times: number): boolean {
    return this.next() * times < 1;
  }
}

/** The seed of this run: `GOCONNECT_SEED`, or a new one. Whoever uses it prints it. */
export function runSeed(): number {
  return Number(process.env.GOCONNECT_SEED ?? Math.floor(Math.random() * 1_000_000_000));
}
