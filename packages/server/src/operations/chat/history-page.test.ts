import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Actor } from '../../domain/entities.js';
import { createNetworkStage } from '../testing/network-stage.js';
import type { World } from '../testing/world.js';
import { PAGE_BYTES } from './history-page.js';

let world: World;
let member: Actor;
let scope: string;

beforeEach(async () => {
  const stage = await createNetworkStage();
  ({ world, member } = stage);
  scope = `network:${await stage.network()}`;
});
afterEach(() => world.close());

const say = async (count: number, body: string) => {
  for (let n = 0; n < count; n++) await world.operations.chat.send({ actor: member }, { scope, body });
};
const page = (query: object, mostBytes?: number) =>
  world.operations.chat.history(member, { scope, limit: 100, ...query }, mostBytes);

/** The pages of all that there is. */
async function pages(mostBytes: number, first?: string): Promise<readonly (readonly string[])[]> {
  const all: string[][] = [];
  for (let next: string | undefined = first, ended = false; !ended; ) {
    const cursor = first === undefined ? { before: next } : { after: next };
    const found = await page(next === undefined ? {} : cursor, mostBytes);
    all.push(found.messages.map(({ id }) => id));
    ended = found.next === null;
    next = found.next ?? undefined;
  }
  return all;
}

it('gives as many as asked for while they are small', async () => {
  await say(120, 'x');
  expect((await page({}, PAGE_BYTES)).messages).toHaveLength(100);
  expect((await pages(PAGE_BYTES)).map(({ length }) => length)).toEqual([100, 20]);
});

it('gives fewer large ones, and each once by next, in both directions (B3.5)', async () => {
  await say(10, 'x');
  await say(60, '🎉'.repeat(4_096));
  const whole = (await page({})).messages.map(({ id }) => id);
  const down = await pages(PAGE_BYTES);
  expect(down.flat()).toEqual(whole);
  expect(Math.max(...down.map(({ length }) => length))).toBe(25);
  const oldest = whole.at(-1) ?? '';
  const up = await pages(PAGE_BYTES, oldest);
  expect(up.flat()).toEqual(whole.slice(0, -1).reverse());
});

it('always gives one, however large', async () => {
  await say(3, 'x'.repeat(4_096));
  expect((await pages(1)).map(({ length }) => length)).toEqual([1, 1, 1]);
});
