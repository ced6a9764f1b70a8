import { parseRoom } from '@goconnect/protocol';
import { OperationError } from '../domain/operation-error.js';
import { BOUNDS } from './bounds.js';
import type { Rate } from './gateway-settings.js';
import { KeyedRates } from './keyed-rates.js';

const nothing = () => {};

/** What may still enter each network's room (A6.2). */
export class NetworkRates {
  readonly #rates: KeyedRates;

  constructor(rate: Rate) {
    this.#rates = new KeyedRates(rate, BOUNDS.ratedRooms);
  }

  /** Takes a place in the room, if it is a network's, or throws `ERR_RATE_LIMIT`. @returns how to give it back */
  admit(room: string, now: number): () => void {
    if (!isNetwork(room)) return nothing;
    const place = this.#rates.take(room, now);
    if (place.kind === 'wait') throw rateLimit(place.retryAfterMs);
    return place.giveBack;
  }

  /** Milliseconds until something can enter the room. */
  waitMs(room: string, now: number): number {
    return isNetwork(room) ? this.#rates.waitMs(room, now) : 0;
  }
}

function isNetwork(room: string): boolean {
  return parseRoom(room)?.kind === 'network';
}

/** A2.4: trying again after exactly this time succeeds, if nothing else was sent. */
export function rateLimit(retryAfterMs: number): OperationError {
  return new OperationError('ERR_RATE_LIMIT', 'Too many requests; try again later', {
    retry_after_ms: retryAfterMs,
  });
}
