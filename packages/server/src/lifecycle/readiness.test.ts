import { expect, it } from 'vitest';
import { systemClock } from '../adapters/system-clock.js';
import { BusDown } from '../ports/bus.js';
import { StoreError } from '../ports/store-error.js';
import { createReadiness, Draining } from './readiness.js';

function watched(check: () => Promise<void>) {
  const logged: string[] = [];
  const log = (fields: object, text: string) => void logged.push(`${JSON.stringify(fields)} ${text}`);
  const logger = { debug: log, info: log, warn: log, error: log };
  return { logged, ready: createReadiness({ store: check }, systemClock, logger) };
}

it.each([
  ['ok', undefined],
  ['draining', new Draining('soon')],
  ['disk_full', new StoreError('failed', '/var/lib/goconnect is full', { fault: 'disk_full' })],
  ['failed', new StoreError('closed', 'the store is closed')],
  ['failed', new Error('password=secret')],
])('says %s of a part, in one word', async (word, error) => {
  const { ready } = watched(() => (error ? Promise.reject(error) : Promise.resolve()));
  expect(await ready()).toEqual({ ready: word === 'ok', checks: { store: word } });
});

it('logs a change, not each question, and leaves to the store what the store tells', async () => {
  let error: Error | undefined = new Error('odd');
  const { ready, logged } = watched(() => (error ? Promise.reject(error) : Promise.resolve()));
  for (let asked = 0; asked < 5; asked++) await ready();
  expect(logged).toHaveLength(1);
  error = undefined;
  await ready();
  error = new Error('odd again');
  await ready();
  expect(logged).toHaveLength(2);
  error = new StoreError('failed', 'full', { fault: 'disk_full' });
  await ready();
  expect(logged).toHaveLength(2);
});

it('is ready without other servers, and shows that it does not hear them', async () => {
  const { ready, logged } = watched(() => Promise.reject(new BusDown('nobody there')));
  expect(await ready()).toEqual({ ready: true, checks: { store: 'down' } });
  expect(logged).toEqual([]);
});
