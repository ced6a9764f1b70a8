import { describe, expect, it } from 'vitest';
import type { BusMessage } from '../ports/bus.js';
import { BusListeners } from './bus-listeners.js';
import { createInProcessBus } from './in-process-bus.js';

const message = (reason: string): BusMessage => ({ kind: 'disconnect', userId: 'u', code: 4401, reason });
const reasons = (messages: readonly BusMessage[]) =>
  messages.map((heard) => (heard.kind === 'disconnect' ? heard.reason : heard.kind));

function setUp() {
  const errors: unknown[] = [];
  const bus = createInProcessBus({ error: (fields) => void errors.push(fields) });
  const heard: string[][] = [];
  const off = bus.subscribe((messages) => void heard.push(reasons(messages)));
  return { bus, heard, errors, off };
}

describe('the bus of one process', () => {
  it('hands over in order, never while publish runs', async () => {
    const { bus, heard } = setUp();
    bus.publish([message('a'), message('b')]);
    bus.publish([]);
    bus.publish([message('c')]);
    expect(heard).toEqual([]);
    await Promise.resolve();
    expect(heard.flat()).toEqual(['a', 'b', 'c']);
  });

  it('gives what is very much a turn of its own, and keeps the order', async () => {
    const { bus, heard } = setUp();
    const many = Array.from({ length: 200 }, (_, index) => `${index}`);
    bus.publish(many.map(message));
    bus.publish([message('behind')]);
    await Promise.resolve();
    expect(heard).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard.flat()).toEqual([...many, 'behind']);
  });

  it('hands over what a listener publishes after what it was told', async () => {
    const { bus, heard } = setUp();
    const off = bus.subscribe(() => {
      off();
      bus.publish([message('reply')]);
    });
    bus.publish([message('a'), message('b')]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard.flat()).toEqual(['a', 'b', 'reply']);
  });

  it('does not let a listener that throws disturb the others', async () => {
    const { bus, heard, errors } = setUp();
    bus.subscribe(() => {
      throw new Error('listener');
    });
    const after: number[] = [];
    bus.subscribe((messages) => void after.push(messages.length));
    bus.publish([message('a')]);
    await Promise.resolve();
    expect([heard.flat(), after]).toEqual([['a'], [1]]);
    expect(errors).toMatchObject([{ err: { message: 'listener' } }]);
  });

  it('tells nobody who left, and nobody once it is closed', async () => {
    const { bus, heard, off } = setUp();
    const listener = (messages: readonly BusMessage[]) => void heard.push(reasons(messages));
    const offs = [bus.subscribe(listener), bus.subscribe(listener)];
    offs[0]?.();
    off();
    bus.publish([message('a')]);
    await Promise.resolve();
    expect(heard).toEqual([['a']]);
    bus.publish([message('b')]);
    await bus.close();
    bus.publish([message('c')]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([['a']]);
    await bus.check();
  });
});

describe('who listens to a bus', () => {
  it('is told of the line as it is, and of each change', async () => {
    const listeners = new BusListeners({ error: () => {} });
    const told: string[] = [];
    listeners.watch((line) => void told.push(`first ${line}`));
    listeners.tell('down');
    const off = listeners.watch((line) => void told.push(`second ${line}`));
    await Promise.resolve();
    listeners.tell('up');
    off();
    listeners.tell('down');
    expect(told).toEqual(['first down', 'second down', 'first up', 'second up', 'first down']);
  });
});
