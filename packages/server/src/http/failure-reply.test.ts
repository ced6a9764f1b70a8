import { expect, it } from 'vitest';
import { StoreError } from '../ports/store-error.js';
import { KeysUnavailable } from '../ports/tokens.js';
import { failureReply } from './failure-reply.js';

const told = (error: unknown) => {
  const { status, headers, body } = failureReply(error, 'id');
  return { status, headers, code: body.code, details: body.details };
};

it('says of a request of unknown outcome that nobody knows, and invites nobody to repeat it blindly', () => {
  expect(told(new StoreError('unknown_outcome', 'text for operators', { fault: 'unreachable' }))).toEqual({
    status: 500,
    headers: {},
    code: 'ERR_HANDLER_FAILED',
    details: { correlation_id: 'id', outcome: 'unknown' },
  });
});

it.each([
  ['busy', 503, { 'retry-after': '1' }],
  ['closed', 503, { 'retry-after': '1' }],
  ['failed', 500, {}],
] as const)('says of one that had no effect (%s) that trying again may help', (reason, status, headers) => {
  expect(told(new StoreError(reason, 'text for operators'))).toEqual({
    status,
    headers,
    code: 'ERR_HANDLER_FAILED',
    details: { correlation_id: 'id' },
  });
});

it('says of tokens that nobody can check when to come again: they may be good', () => {
  expect(told(new KeysUnavailable('text for operators'))).toEqual({
    status: 503,
    headers: { 'retry-after': '5' },
    code: 'ERR_HANDLER_FAILED',
    details: { correlation_id: 'id' },
  });
});
