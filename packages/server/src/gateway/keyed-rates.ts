import type { Rate } from './gateway-settings.js';
import { SlidingLog } from './sliding-log.js';

/** A place taken, with how to give it back; or how long until there is one. */
export type Place =
  | { readonly kind: 'taken'; readonly giveBack: () => void }
  | { readonly kind: 'wait'; readonly retryAfterMs: number };

/** One sliding log a key, such as a room or an address. Keeps no more keys than took a place within the window. */
export class KeyedRates {
  readonly #rate: Rate;
  readonly #mostKeys: number;
  /** The key that was used last is last. */
  readonly #logs = new Map<string, SlidingLog>();

  /** @param mostKeys past it the keys not used for longest are forgotten, with what they took */
  constructor(rate: Rate, mostKeys: number) {
    this.#rate = rate;
    this.#mostKeys = mostKeys;
  }

  /** @param places how many it takes, where there is one; default 1 */
  take(key: string, now: number, places = 1): Place {
    const log = this.#used(key, now);
    const retryAfterMs = log.waitMs(now);
    if (retryAfterMs > 0) return { kind: 'wait', retryAfterMs };
    for (let taken = 0; taken < places; taken++) log.admit(now);
    return {
      kind: 'taken',
      giveBack() {
        for (let taken = 0; taken < places; taken++) log.giveBack(now);
      },
    };
  }

  /** Counts what took its place elsewhere; past the limit it would only make others wait for longer than the window. */
  count(key: string, now: number): void {
    const log = this.#used(key, now);
    if (log.waitMs(now) === 0) log.admit(now);
  }

  /** Milliseconds until the key can have a place; 0 when it can now. Takes none. */
  waitMs(key: string, now: number): number {
    return this.#logs.get(key)?.waitMs(now) ?? 0;
  }

  get keys(): number {
    return this.#logs.size;
  }

  #used(key: string, now: number): SlidingLog {
    this.#forgetIdle(now);
    const log = this.#logs.get(key) ?? new SlidingLog(this.#rate);
    this.#logs.delete(key);
    this.#logs.set(key, log);
    return log;
  }

  /** The least recently used come first, so looking ends at the first that is still needed. */
  #forgetIdle(now: number): void {
    for (const [key, log] of this.#logs) {
      if (this.#logs.size < this.#mostKeys && !log.idle(now)) return;
      this.#logs.delete(key);
    }
  }
}
