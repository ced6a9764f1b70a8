import type { Clock } from '@goconnect/protocol';
import type { Actor } from '../domain/entities.js';
import { BOUNDS } from '../gateway/bounds.js';
import { KeyedRates } from '../gateway/keyed-rates.js';
import { userKey } from '../gateway/user-key.js';
import type { Rate } from '../settings/quantity-kinds.js';
import type { Settings } from '../settings/settings.js';

/** Each takes a place, or says in how many milliseconds there is one. */
export interface HttpRates {
  readonly admitChange: (actor: Actor) => number;
  readonly admitRegistration: (address: string) => number;
}

/**
 * Over HTTP a user changes as much as on a connection. Of each user and not of each network, so that who floods a room by
 * joining and leaving keeps nobody from kicking them (A6.2, 0017).
 */
export function createHttpRates({ wsRateClient, registerRate }: Settings, clock: Clock): HttpRates {
  const admitUser = limitBy(wsRateClient, BOUNDS.ratedUsers, clock);
  return {
    admitChange: (actor) => admitUser(userKey(actor)),
    admitRegistration: limitBy(registerRate, BOUNDS.ratedAddresses, clock),
  };
}

/** A rate for each key. */
function limitBy({ count, windowMs }: Rate, mostKeys: number, clock: Clock): (key: string) => number {
  const rates = new KeyedRates({ limit: count, windowMs }, mostKeys);
  return (key) => {
    const place = rates.take(key, clock.monotonic());
    return place.kind === 'wait' ? place.retryAfterMs : 0;
  };
}
