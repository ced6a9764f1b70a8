import { beforeEach, expect, it } from 'vitest';
import { LoopShare } from './loop-share.js';

let now: number;
let share: LoopShare;
beforeEach(() => {
  now = 0;
  share = new LoopShare({ monotonic: () => now });
});

/** A read of a database within the process: it takes its time, and no turn of the loop. */
const read = (ms: number, seen: () => void) =>
  share.run(async () => {
    now += ms;
    seen();
  });

it('lets the loop come round when reads have kept it for 10 ms', async () => {
  const order: string[] = [];
  const reads = Array.from({ length: 6 }, (_, index) => read(4, () => order.push(`read ${index}`)));
  setImmediate(() => order.push('somebody else'));
  await Promise.all(reads);
  expect(order).toEqual(['read 0', 'read 1', 'read 2', 'somebody else', 'read 3', 'read 4', 'read 5']);
});

it('gives each turn its own 10 ms', async () => {
  const order: string[] = [];
  const say = (what: string) => () => void order.push(what);
  await read(9, say('one'));
  await new Promise((resolve) => setImmediate(resolve));
  const [two] = [read(9, say('two')), setImmediate(say('somebody else'))];
  await two;
  expect(order).toEqual(['one', 'two']);
});

it('goes on after a read that failed', async () => {
  const failed = share.run(async () => Promise.reject(new Error('no such table')));
  const next = share.run(async () => 'fine');
  await expect(failed).rejects.toThrow('no such table');
  expect(await next).toBe('fine');
});
