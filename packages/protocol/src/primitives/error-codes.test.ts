import { expect, test } from 'vitest';
import { ERROR_CODES, isErrorCode, retryRule } from './error-codes.js';

test.each([
  ['ERR_UNAUTHORIZED', 'never'],
  ['ERR_INVALID_MESSAGE', 'never'],
  ['ERR_HANDLER_FAILED', 'retry'],
  ['ERR_FORBIDDEN', 'never'],
  ['ERR_NOT_FOUND', 'never'],
  ['ERR_RATE_LIMIT', 'after_delay'],
] as const)('%s: %s', (code, rule) => {
  expect(isErrorCode(code)).toBe(true);
  expect(retryRule(code)).toBe(rule);
});

test('there are six codes', () => {
  expect(Object.keys(ERROR_CODES)).toHaveLength(6);
});

test.each(['', 'ERR_TEAPOT', 'err_not_found', '__proto__', 'constructor', 'toString'])(
  '%j is never retried',
  (code) => {
    expect(isErrorCode(code)).toBe(false);
    expect(retryRule(code)).toBe('never');
  },
);
