import { describe, expect, test } from 'vitest';
import { LIMITS } from './limits.js';
import {
  codePointLength,
  fits,
  isMessageText,
  isOpaqueId,
  isStorable,
  isWellFormed,
  utf8Length,
} from './text.js';

const HIGH = '\ud83d';
const LOW = '\ude00';

const TEXTS = [
  '',
  'a',
  'é',
  '中',
  '😀',
  'a😀b',
  HIGH,
  LOW,
  HIGH + HIGH,
  LOW + HIGH,
  `${HIGH}${HIGH}${LOW}`,
  `a${HIGH}`,
  `${LOW}a`,
  '\0',
  'e\u0301',
  '👩‍👩‍👧',
];

describe('lengths', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['é中', 2],
    ['😀😀', 2],
    ['👩‍👩‍👧', 5],
    ['e\u0301', 2],
    [HIGH, 1],
    [LOW + HIGH, 2],
    [`${HIGH}${HIGH}${LOW}`, 2],
  ])('%j has %i code points', (text, length) => {
    expect(codePointLength(text)).toBe(length);
  });

  test.each(TEXTS)('%j takes as many bytes as its UTF-8 encoding', (text) => {
    expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
  });

  test('a text fits by its code points', () => {
    for (const text of TEXTS) {
      for (let max = 0; max < 7; max++) expect(fits(text, max)).toBe([...text].length <= max);
    }
  });
});

test.each(TEXTS)('%j is well formed exactly when UTF-8 gives it back', (text) => {
  const survives =
    new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)) === text;
  expect(isWellFormed(text)).toBe(survives);
  expect(isStorable(text)).toBe(survives && !text.includes('\0'));
});

describe('a message text (A3.5)', () => {
  test.each([
    ['one character', 'x', true],
    ['4096 characters', 'x'.repeat(4_096), true],
    ['4096 astral characters', '😀'.repeat(4_096), true],
    ['blanks', ' ', true],
    ['nothing', '', false],
    ['4097 characters', 'x'.repeat(4_097), false],
    ['4096 astral characters and one more', `${'😀'.repeat(4_096)}x`, false],
    ['a megabyte', 'x'.repeat(1_048_576), false],
    ['NUL', 'a\0', false],
    ['a high surrogate at the end', `x${HIGH}`, false],
    ['a low surrogate at the start', `${LOW}x`, false],
    ['a pair the wrong way round', LOW + HIGH, false],
  ])('%s', (_, text, allowed) => {
    expect(isMessageText(text)).toBe(allowed);
  });

  test('the bound in bytes follows from the bound in code points', () => {
    expect(LIMITS.bodyBytes).toBe(4 * LIMITS.bodyCodePoints);
    expect(utf8Length('😀'.repeat(LIMITS.bodyCodePoints))).toBe(LIMITS.bodyBytes);
  });
});

test('an id is 1-128 code points that a database can hold', () => {
  for (const id of ['a', 'i'.repeat(128), '😀'.repeat(128), 'a b/c"']) expect(isOpaqueId(id)).toBe(true);
  for (const id of ['', 'i'.repeat(129), '😀'.repeat(129), 'a\0b', HIGH]) expect(isOpaqueId(id)).toBe(false);
});
