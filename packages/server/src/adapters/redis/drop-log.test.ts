import { expect, it } from 'vitest';
import { DropLog } from './drop-log.js';

it('says once a minute for each reason how many messages were dropped since it said so last', () => {
  let now = 0;
  const said: unknown[] = [];
  const log = new DropLog(
    { monotonic: () => now },
    { warn: (fields) => void said.push(fields) },
    { dropped() {} },
  );
  log.add('slow_line', 3);
  log.add('slow_line', 4);
  log.add('too_large', 1);
  now = 59_999;
  log.add('slow_line', 5);
  now = 60_000;
  log.add('slow_line', 1);
  now = 120_000;
  log.add('slow_line', 2);
  expect(said).toEqual([
    { reason: 'slow_line', messages: 3 },
    { reason: 'too_large', messages: 1 },
    { reason: 'slow_line', messages: 10 },
    { reason: 'slow_line', messages: 2 },
  ]);
});
