import { expect, it } from 'vitest';
import { BOUNDS } from './bounds.js';
import { NetworkRates } from './network-rates.js';

it('remembers what entered networks, however much other nodes let into other rooms (A6.2)', () => {
  const rates = new NetworkRates({ limit: 1, windowMs: 60_000 });
  rates.heard('network:a', 0);
  for (let room = 0; room < BOUNDS.ratedRooms; room++) rates.heard(`tenant:${room}`, 0);
  expect(rates.waitMs('network:a', 0)).toBe(60_000);
});
