/** A seeded source of choices (mulberry32): the same seed gives the same history on every machine. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number of `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  of<T>(options: readonly T[]): T {
    return options[Math.floor(this.next() * options.length)] as T;
  }
}

/** The seed of this run: from `GOCONNECT_SEED`, to repeat one, else a new one. */
export function runSeed(): number {
  const given = process.env.GOCONNECT_SEED;
  return given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
}
