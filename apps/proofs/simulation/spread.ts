import { createRandom } from '@goconnect/testkit';
import { shown, uniformity } from '../load/support/chi-square.js';

const MOST_BINS = 20;
/** With fewer bins there is nothing to judge. */
const LEAST_BINS = 5;
/** With fewer values in a bin the quantile of the chi-square says nothing about a case in a million. */
const VALUES_IN_A_BIN = 20;

/** Where drawn moments lay in their windows, pooled over all histories of a run (promise 7). */
export class Spread {
  readonly #places = new Map<string, number[]>();
  readonly #dither = createRandom('dither');

  /** A moment drawn from `[0, widthMs)` and rounded to a millisecond in this way; `kind` names what is judged together. */
  note(kind: string, ms: number, widthMs: number, rounded: 'down' | 'nearest'): number {
    // Spread over the millisecond that the rounding took away: else the edges of the bins would show in many values.
    const inside = ms + this.#dither() - (rounded === 'down' ? 0 : 0.5);
    const place = reflected(inside, widthMs) / widthMs;
    this.#of(kind).push(place);
    return place;
  }

  /** Two places that have nothing to do with one another are also any distance apart. */
  apart(kind: string, one: number, other: number): void {
    this.#of(kind).push((one - other + 1) % 1);
  }

  /** What a run was measured to be. */
  figures(): readonly string[] {
    return this.#judged().map(({ kind, uniform }) => `${kind}: ${shown(uniform)}`);
  }

  /** What is so uneven that chance would have it once in a million runs. */
  faults(): readonly string[] {
    return this.#judged()
      .filter(({ uniform }) => uniform.bins >= LEAST_BINS && uniform.chiSquare > uniform.critical)
      .map(({ kind, uniform }) => `promise 7: ${kind} are not spread evenly: ${shown(uniform)}`);
  }

  #judged() {
    const kinds = [...this.#places].sort(([a], [b]) => (a < b ? -1 : 1));
    return kinds.map(([kind, places]) => {
      const bins = Math.floor(places.length / VALUES_IN_A_BIN);
      return { kind, uniform: uniformity(places, Math.min(MOST_BINS, Math.max(2, bins))) };
    });
  }

  #of(kind: string): number[] {
    const places = this.#places.get(kind) ?? [];
    this.#places.set(kind, places);
    return places;
  }
}

function reflected(value: number, width: number): number {
  const positive = Math.abs(value);
  return positive < width ? positive : 2 * width - positive;
}
