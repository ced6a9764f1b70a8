import { expect, it } from 'vitest';
import { SendQueue } from './send-queue.js';

const chunk = (bytes: number, messages = 1) => ({ bytes: Buffer.alloc(bytes), messages });

it('takes whatever one turn brings while nothing is under way', () => {
  const queue = new SendQueue(4);
  for (let count = 0; count < 100; count++) queue.push(chunk(10));
  expect(queue.status).toBe('taking');
});

it('overflows by messages while a write is under way (A6.3)', () => {
  const queue = new SendQueue(4);
  queue.push(chunk(10));
  expect(queue.take()).toHaveLength(1);
  queue.push(chunk(10, 3));
  expect(queue.status).toBe('taking');
  queue.push(chunk(10));
  expect(queue.status).toBe('overflowed');
});

it('overflows by bytes: 1 MiB (A6.3)', () => {
  const queue = new SendQueue(256);
  queue.push(chunk(1));
  queue.take();
  queue.push(chunk(1_048_575));
  expect(queue.status).toBe('taking');
  queue.push(chunk(1));
  expect(queue.status).toBe('overflowed');
});

it('takes nothing more once it overflowed, so that there is no hole in what was sent', () => {
  const queue = new SendQueue(1);
  queue.push(chunk(1));
  queue.take();
  queue.push(chunk(2));
  queue.flushed();
  queue.push(chunk(3));
  expect(queue.takeAll()).toEqual([]);
});

it('writes one at a time, in pieces that show progress', () => {
  const queue = new SendQueue(256);
  for (let count = 0; count < 5; count++) queue.push(chunk(40_000));
  expect(queue.take()).toHaveLength(2);
  expect(queue.take()).toBeUndefined();
  queue.flushed();
  expect(queue.take()).toHaveLength(2);
  queue.flushed();
  expect(queue.take()).toHaveLength(1);
  expect(queue.amount).toEqual({ messages: 1, bytes: 40_000 });
  queue.flushed();
  expect(queue.amount).toEqual({ messages: 0, bytes: 0 });
});

it('is light while no more than a quarter of what may wait does, of either kind', () => {
  const queue = new SendQueue(8);
  queue.push(chunk(262_144));
  expect(queue.light).toBe(true);
  queue.push(chunk(1));
  expect(queue.light).toBe(false);
  queue.take();
  queue.flushed();
  expect(queue.light).toBe(true);
  queue.push(chunk(1));
  expect(queue.light).toBe(true);
  queue.push(chunk(1));
  expect(queue.light).toBe(false);
});
