import { expect, it } from 'vitest';
import { createRandomIds } from './random-ids.js';

it('makes ids that fit a room name, never twice, in the order of time', () => {
  let time = Date.UTC(2026, 0, 1);
  const ids = createRandomIds({ now: () => time });
  const made: string[] = [];
  for (let n = 0; n < 2_000; n++) {
    made.push(ids.next('msg'));
    time += 1;
  }
  expect(new Set(made).size).toBe(2_000);
  expect([...made].sort()).toEqual(made);
  for (const id of made) expect(id).toMatch(/^msg-[0-9a-z]{26}$/);
});

it('makes ids of one moment that nobody can guess, and secrets of 256 bits', () => {
  const ids = createRandomIds({ now: () => 0 });
  const made = Array.from({ length: 1_000 }, () => ids.next('x'));
  expect(new Set(made).size).toBe(1_000);
  // Every letter occurs at every place of the random part.
  for (let place = 12; place < 28; place++) {
    expect(new Set(made.map((id) => id[place])).size).toBe(32);
  }
  expect(ids.secret()).toMatch(/^[\w-]{43}$/);
  expect(ids.secret()).not.toBe(ids.secret());
});
