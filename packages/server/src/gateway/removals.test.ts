import { expect, it } from 'vitest';
import { BOUNDS } from './bounds.js';
import { Removals } from './removals.js';

it('knows the entry that removed a user, until the user is a member again', () => {
  const removals = new Removals();
  removals.note('network:a', 7);
  removals.note('network:b', 3);
  expect([removals.of('network:a'), removals.of('network:c')]).toEqual([7, undefined]);
  removals.forget('network:a');
  expect([removals.of('network:a'), removals.of('network:b')]).toEqual([undefined, 3]);
});

it('keeps the newest ones only, however long the user stays', () => {
  const removals = new Removals();
  removals.note('network:again', 1);
  for (let number = 0; number < BOUNDS.removals - 1; number++) removals.note(`network:${number}`, 1);
  removals.note('network:again', 9);
  removals.note('network:last', 1);
  expect(removals.size).toBe(BOUNDS.removals);
  expect(removals.of('network:0')).toBeUndefined();
  expect([removals.of('network:1'), removals.of('network:again'), removals.of('network:last')]).toEqual([
    1, 9, 1,
  ]);
});
