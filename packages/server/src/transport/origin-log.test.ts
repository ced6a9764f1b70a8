import { beforeEach, expect, it } from 'vitest';
import { TestClock } from '../gateway/testing/test-clock.js';
import { OriginLog } from './origin-log.js';

let clock: TestClock;
let said: unknown[];
let log: OriginLog;

beforeEach(() => {
  clock = new TestClock();
  said = [];
  log = new OriginLog(clock, { warn: (fields, text) => void said.push({ ...fields, text }) });
});

it('names a refused origin and the setting, once a minute however often it comes', async () => {
  for (let time = 0; time < 3; time++) log.refused('https://page.example');
  expect(said).toEqual([
    { origin: 'https://page.example', text: expect.stringContaining('WS_ALLOWED_ORIGINS') },
  ]);
  log.refused('https://other.example');
  expect(said).toHaveLength(2);
  await clock.advance(59_999);
  log.refused('https://page.example');
  expect(said).toHaveLength(2);
  await clock.advance(1);
  log.refused('https://page.example');
  expect(said).toHaveLength(3);
});

it('says and keeps a bounded number of origins that somebody makes up, and no long ones', async () => {
  for (let made = 0; made < 1_000; made++) log.refused(`https://${made}.example`);
  expect(said).toHaveLength(100);
  await clock.advance(60_000);
  log.refused(`https://${'x'.repeat(10_000)}`);
  expect(said).toHaveLength(101);
  expect(JSON.stringify(said.at(-1)).length).toBeLessThan(500);
});
