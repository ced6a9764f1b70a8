import { expect, test } from 'vitest';
import { CLOSE_CODES, closeAction } from './close-codes.js';

/** A7: the ranges after which a client comes back. */
const COMES_BACK: readonly (readonly [first: number, last: number])[] = [
  [1001, 1001],
  [1005, 1006],
  [1011, 1014],
  [4000, 4499],
];

test('every code from 0 to 65535 does what its range says (A7)', () => {
  for (let code = 0; code <= 65_535; code++) {
    const comesBack = COMES_BACK.some(([first, last]) => code >= first && code <= last);
    if (closeAction(code) !== (comesBack ? 'come_back' : 'stay_away')) expect.fail(`${code}`);
  }
});

test.each([Number.NaN, -1, 1.5, Infinity])('%d is no code to come back after', (code) => {
  expect(closeAction(code)).toBe('stay_away');
});

// The table of A7, and the standard codes a server of ours sends.
test.each([
  ['too_many_invalid', 4400, 'come_back'],
  ['token_expired', 4401, 'come_back'],
  ['slow_consumer', 4408, 'come_back'],
  ['replaced', 4409, 'come_back'],
  ['draining', 4412, 'come_back'],
  ['too_many_connections', 4429, 'come_back'],
  ['token_invalid', 4501, 'stay_away'],
  ['forbidden', 4503, 'stay_away'],
  ['normal', 1000, 'stay_away'],
  ['going_away', 1001, 'come_back'],
  ['unsupported_data', 1003, 'stay_away'],
  ['message_too_big', 1009, 'stay_away'],
  ['internal_error', 1011, 'come_back'],
] as const)('%s is %i: %s', (name, code, action) => {
  expect(CLOSE_CODES[name]).toBe(code);
  expect(closeAction(code)).toBe(action);
});

test('there are no codes but those', () => {
  expect(Object.keys(CLOSE_CODES)).toHaveLength(13);
  expect(Object.isFrozen(CLOSE_CODES)).toBe(true);
});
