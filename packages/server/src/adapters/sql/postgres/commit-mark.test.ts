import pg from 'pg';
import { expect, it } from 'vitest';
import { mayHaveCommitted } from './commit-mark.js';

const refusal = (code: string) => Object.assign(new pg.DatabaseError('refused', 7, 'error'), { code });

it.each([
  ['a constraint', '23505', false],
  ['another transaction', '40001', false],
  ['a deadlock', '40P01', false],
  ['the time it took', '57014', false],
  // Of a class that says rolled back, and says that nobody knows.
  ['a completion that is unknown', '40003', true],
  ['a shutdown', '57P01', true],
])('after a refusal because of %s (%s) a transaction may have been committed: %s', (_, code, may) => {
  expect(mayHaveCommitted(refusal(code))).toBe(may);
});

it('after a line that broke a transaction may have been committed', () => {
  expect(mayHaveCommitted(new Error('Connection terminated unexpectedly'))).toBe(true);
});
