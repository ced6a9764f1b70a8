import { parseRoom } from '@goconnect/protocol';
import { OperationError } from '../domain/operation-error.js';
import type { Rate } from './gateway-settings.js';
import { SlidingLog } from './sliding-log.js';

/** What may still enter each network's room (A6.2). Keeps no more rooms than had a message within the window. */
export class NetworkRates {
  readonly #rate: Rate;
  /** The room that was used last is last. */
  readonly #logs = new Map<string, SlidingLog>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Takes a place in the room, if it is a network's, or throws `ERR_RATE_LIMIT`. @returns how to give it back */
  admit(room: string, now: number): () => void {
    this.#forgetIdle(now);
    if (parseRoom(room)?.kind !== 'network') return () => {};
    const log = this.#logs.get(room) ?? new SlidingLog(this.#rate);
    this.#logs.delete(room);
    this.#logs.set(room, log);
    const retryAfterMs = log.waitMs(now);
    if (retryAfterMs > 0) throw rateLimit(retryAfterMs);
    log.admit(now);
    return () => log.giveBack(now);
  }

  /** The least recently used come first, so looking ends at the first that is still needed. */
  #forgetIdle(now: number): void {
    for (const [room, log] of this.#logs) {
      if (!log.idle(now)) return;
      this.#logs.delete(room);
    }
  }
}

/** A2.4: trying again after exactly this time succeeds, if nothing else was sent. */
export function rateLimit(retryAfterMs: number): OperationError {
  return new OperationError('ERR_RATE_LIMIT', 'Too many requests; try again later', {
    retry_after_ms: retryAfterMs,
  });
}
