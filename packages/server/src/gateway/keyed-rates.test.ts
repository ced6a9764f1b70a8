import { expect, it } from 'vitest';
import { KeyedRates } from './keyed-rates.js';

const RATE = { limit: 2, windowMs: 100 };

it('gives back all the places that were taken at once', () => {
  const rates = new KeyedRates(RATE, 10);
  const place = rates.take('a', 0, 2);
  expect(rates.waitMs('a', 0)).toBe(100);
  if (place.kind === 'taken') place.giveBack();
  expect([rates.take('a', 0).kind, rates.take('a', 0).kind]).toEqual(['taken', 'taken']);
  expect(rates.waitMs('a', 0)).toBe(100);
});

it('lets nobody wait for longer than the window, however much came in elsewhere', () => {
  const rates = new KeyedRates(RATE, 10);
  for (const time of [0, 0, 50, 50]) rates.count('a', time);
  expect(rates.waitMs('a', 50)).toBe(50);
  expect(rates.take('a', 100).kind).toBe('taken');
});

it('says how long it takes also where more were taken at once than there was room for (A2.4)', () => {
  const rates = new KeyedRates(RATE, 10);
  rates.take('a', 0);
  rates.take('a', 50, 3);
  expect(rates.waitMs('a', 60)).toBe(90);
  expect(rates.take('a', 149).kind).toBe('wait');
  expect(rates.take('a', 150).kind).toBe('taken');
});
