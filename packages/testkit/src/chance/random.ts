import type { Random } from '@goconnect/protocol';

/** A seeded source of chance. Callable like `Math.random`, so that it fits `random` of client and server. */
export interface SeededRandom extends Random {
  /** What it was made from: print it when a test fails. */
  readonly seed: string;
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of `items`; `undefined` when there are none. */
  pick<T>(items: readonly T[]): T | undefined;
  /** A source of its own for one part, so that another draw elsewhere does not change it. */
  fork(name: string): SeededRandom;
}

/** Makes a random source from a seed; the same seed gives the same numbers on every machine. */
export function createRandom(seed: string | number): SeededRandom {
  const text = String(seed);
  const next = generator(text);
  return Object.assign(() => next(), {
    seed: text,
    integer: (min: number, max: number) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability: number) => next() < probability,
    pick: <T>(items: readonly T[]) => items[Math.floor(next() * items.length)],
    fork: (name: string) => createRandom(`${text}/${name}`),
  });
}

/** sfc32 (PractRand-tested, 128 bits of state), seeded by four rounds of FNV-1a with different starts. */
function generator(seed: string): Random {
  let [a, b, c, d] = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35].map((start) => hash(seed, start)) as [
    number,
    number,
    number,
    number,
  ];
  const draw = () => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first numbers still show the seed.
  for (let round = 0; round < 12; round++) draw();
  return draw;
}

function hash(text: string, start: number): number {
  let value = start;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value | 0;
}
