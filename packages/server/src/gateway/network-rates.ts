import { parseRoom } from '@goconnect/protocol';
import { OperationError } from '../domain/operation-error.js';
import { BOUNDS } from './bounds.js';
import type { Rate } from './gateway-settings.js';
import { KeyedRates } from './keyed-rates.js';

const nothing = () => {};

/** What may still enter each network's room, on all nodes together (A6.2). */
export class NetworkRates {
  readonly #rates: KeyedRates;
  readonly #shares: () => number;

  /** @param shares for how many nodes this one has to count, while it does not hear of what the others let in */
  constructor(rate: Rate, shares: () => number = () => 1) {
    this.#rates = new KeyedRates(rate, BOUNDS.ratedRooms);
    this.#shares = shares;
  }

  /** Another node let something into the room. */
  heard(room: string, now: number): void {
    if (isNetwork(room)) this.#rates.count(room, now);
  }

  /** Takes a place in the room, if it is a network's, or throws `ERR_RATE_LIMIT`. @returns how to give it back */
  admit(room: string, now: number): () => void {
    if (!isNetwork(room)) return nothing;
    const place = this.#rates.take(room, now, this.#shares());
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
