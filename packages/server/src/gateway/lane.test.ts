import { expect, it } from 'vitest';
import { Lane } from './lane.js';

it('starts at once when it is free', () => {
  const lane = new Lane();
  let started = false;
  void lane.run(async () => {
    started = true;
  });
  expect(started).toBe(true);
});

it('lets one through at a time, in the order they came, whatever becomes of them', async () => {
  const lane = new Lane();
  const seen: string[] = [];
  const pass = (name: string) =>
    lane.run(async () => {
      seen.push(`${name} in`);
      await Promise.resolve();
      seen.push(`${name} out`);
      if (name === 'b') throw new Error('fell');
      return name;
    });
  const all = await Promise.allSettled(['a', 'b', 'c'].map(pass));
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await pass('d')).toBe('d');
  expect(seen).toEqual(['a', 'b', 'c', 'd'].flatMap((name) => [`${name} in`, `${name} out`]));
});
