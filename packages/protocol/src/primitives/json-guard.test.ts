import { describe, expect, test } from 'vitest';
import { guardJson, isObject, nestsTooDeep, OUT_OF_BOUNDS } from './json-guard.js';
import { LIMITS } from './limits.js';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const list = (items: number) => Array.from({ length: items }, () => 0);
const keys = (count: number) => Object.fromEntries(list(count).map((_, index) => [`k${index}`, index]));

describe('guardJson (A1.6)', () => {
  test.each([
    ['a number', 7],
    ['null', null],
    ['text', 'x'.repeat(100_000)],
    ['32 levels', nested(LIMITS.depth)],
    ['256 keys', keys(LIMITS.keysPerObject)],
    ['10,000 items', list(LIMITS.arrayItems)],
    ['many objects side by side', list(9_000).map(() => ({ a: [{}] }))],
  ])('%s is within bounds', (_, value) => {
    expect(guardJson(value)).toBeUndefined();
  });

  test.each([
    ['33 levels', nested(LIMITS.depth + 1)],
    ['100,000 levels', nested(100_000)],
    ['257 keys', keys(LIMITS.keysPerObject + 1)],
    ['10,001 items', list(LIMITS.arrayItems + 1)],
    ['257 keys far inside', [[{ a: [keys(257)] }]]],
    ['10,001 items far inside', { a: { b: list(10_001) } }],
  ])('%s is not', (_, value) => {
    expect(guardJson(value)).toBe(OUT_OF_BOUNDS);
  });

  test('removes the keys that could reach a prototype, at every level, and nothing else', () => {
    const value: unknown = JSON.parse(
      '{"__proto__":{"x":1},"a":[{"constructor":{"prototype":{}},"b":{"prototype":1,"__proto__":null,"c":1}}],"proto":2}',
    );
    expect(guardJson(value)).toBeUndefined();
    expect(JSON.stringify(value)).toBe('{"a":[{"b":{"c":1}}],"proto":2}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test('removed keys do not count', () => {
    expect(guardJson({ ...keys(LIMITS.keysPerObject), prototype: 1 })).toBeUndefined();
  });
});

describe('nestsTooDeep', () => {
  const padding = ' '.repeat(9_000);

  test.each([
    ['33 levels', `${'['.repeat(33)}${padding}`, true],
    ['32 levels', `${'['.repeat(32)}${padding}`, false],
    ['33 levels, half of them closed', `${'[]'.repeat(20)}${'{'.repeat(32)}${padding}`, false],
    ['brackets in text', `"${'['.repeat(9_000)}"`, false],
    ['brackets after an escaped quote', `"\\"${'['.repeat(9_000)}"`, false],
    ['brackets after an escaped backslash', `"\\\\"${'['.repeat(9_000)}`, true],
    ['a short text, however deep', '['.repeat(8_192), false],
  ])('%s', (_, text, tooDeep) => {
    expect(nestsTooDeep(text)).toBe(tooDeep);
  });
});

test.each([
  [{}, true],
  [Object.create(null), true],
  [[], false],
  [null, false],
  [undefined, false],
  ['text', false],
  [() => {}, false],
])('%o is a JSON object: %s', (value, answer) => {
  expect(isObject(value)).toBe(answer);
});
