import { expect, it } from 'vitest';
import type { BusMessage } from '../ports/bus.js';
import { BusListeners } from './bus-listeners.js';

const beat = (number: number): BusMessage => ({ kind: 'roster_beat', node: 'x', number });
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it('tells of each message whether it is of this node, also of those that came in one turn', async () => {
  const listeners = new BusListeners({ error() {} });
  const heard: string[] = [];
  listeners.subscribe((messages, from) => {
    for (const message of messages) heard.push(`${from} ${'number' in message ? message.number : ''}`);
  });
  listeners.post([beat(1)], 'here');
  listeners.post([beat(2)], 'elsewhere');
  listeners.post([beat(3)], 'elsewhere');
  listeners.post([beat(4)], 'here');
  await turn();
  expect(heard).toEqual(['here 1', 'elsewhere 2', 'elsewhere 3', 'here 4']);
});

it('tells nobody that the line is down who watches no more', async () => {
  const listeners = new BusListeners({ error() {} });
  listeners.tell('down');
  const told: string[] = [];
  listeners.watch(() => void told.push('one who left'))();
  listeners.watch((line) => void told.push(line));
  await turn();
  expect(told).toEqual(['down']);
});
