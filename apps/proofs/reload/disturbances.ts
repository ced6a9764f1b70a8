/** What happens to a person's tab while they write. Each gets a few messages written in the middle of it, where one can write then. */
export const DISTURBANCES = [
  'reload',
  'reload at once',
  'offline',
  'frozen',
  'server restarted',
  'server restarted while frozen',
  'reloaded while the server is away',
] as const;
export type Disturbance = (typeof DISTURBANCES)[number];

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Every kind once in each round, in an order that the seed decides. */
export function* plan(random: () => number): Generator<Disturbance, never> {
  for (;;) {
    const round: Disturbance[] = [...DISTURBANCES];
    while (round.length > 0) {
      const [next] = round.splice(Math.floor(random() * round.length), 1);
      if (next) yield next;
    }
  }
}
