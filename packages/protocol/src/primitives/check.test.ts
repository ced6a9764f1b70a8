import { describe, expect, test } from 'vitest';
import { array, integer, nullable, object, oneOf, optional, record, string, validators } from './check.js';

interface Sample {
  name: string;
  tags: string[];
  note?: string;
}

const { sample } = validators<{ sample: Sample }>(() => ({
  sample: object<Sample>({
    name: string(1, 3),
    tags: optional(array(string(0, 2), 5), () => []),
    note: optional(string(0, 9)),
  }),
}));

describe('a validator', () => {
  test('copies the fields it knows, fills in defaults, leaves out what is absent', () => {
    const given = { name: 'ada', note: undefined, more: 1 };
    const result = sample(given, 'data');
    expect(result).toStrictEqual({ ok: true, value: { name: 'ada', tags: [] } });
    expect(given).toStrictEqual({ name: 'ada', note: undefined, more: 1 });
  });

  test('gives every result a default of its own', () => {
    const [one, other] = [sample({ name: 'a' }, ''), sample({ name: 'b' }, '')];
    if (one.ok) one.value.tags.push('x');
    expect(other).toMatchObject({ value: { tags: [] } });
  });

  test('names the place of each fault, down to the member of a list', () => {
    expect(sample({ name: '', tags: ['ok', 'long', 7] }, 'data')).toEqual({
      ok: false,
      faults: [
        { path: 'data.name', expected: 'a string of 1-3 characters' },
        { path: 'data.tags.1', expected: 'a string of 0-2 characters' },
        { path: 'data.tags.2', expected: 'a string of 0-2 characters' },
      ],
    });
    expect(sample(null, 'data')).toEqual({ ok: false, faults: [{ path: 'data', expected: 'an object' }] });
  });

  test('stops at three faults', () => {
    const result = sample({ name: '', tags: [1, 2, 3, 4, 5], note: 6 }, 'data');
    expect(!result.ok && result.faults).toHaveLength(3);
  });

  test('does not look at the items of a list that is too long', () => {
    const items = new Proxy(Array.from({ length: 6 }), {
      get: (target, key) => (key === 'length' ? target.length : expect.fail(`read ${String(key)}`)),
    });
    const result = sample({ name: 'a', tags: items }, 'data');
    expect(result).toMatchObject({
      faults: [{ path: 'data.tags', expected: 'an array of at most 5 items' }],
    });
  });
});

describe('checks', () => {
  const accepts = (check: Parameters<typeof optional>[0], value: unknown) => {
    const faults: [] = [];
    check(value, faults, '', '');
    return faults.length === 0;
  };

  test.each([
    [0, true],
    [-0, true],
    [100, true],
    [101, false],
    [-1, false],
    [0.5, false],
    [Number.NaN, false],
    [Infinity, false],
    ['7', false],
    [7n, false],
    [null, false],
  ])('integer(0, 100) and %o', (value, answer) => {
    expect(accepts(integer(0, 100), value)).toBe(answer);
  });

  test('nothing beyond the safe integers is a number to count with', () => {
    expect(accepts(integer(0, Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)).toBe(true);
    expect(accepts(integer(0, Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER + 1)).toBe(false);
  });

  test('oneOf takes just its words', () => {
    expect(accepts(oneOf('soft', 'hard'), 'soft')).toBe(true);
    for (const value of ['', 'Soft', 'toString', ['soft'], null])
      expect(accepts(oneOf('soft', 'hard'), value)).toBe(false);
    expect(accepts(oneOf(true, false), false)).toBe(true);
    expect(accepts(oneOf(true, false), 0)).toBe(false);
  });

  test('nullable takes null, optional takes absence, neither takes both', () => {
    expect([null, undefined].map((value) => accepts(nullable(string(0, 1)), value))).toEqual([true, false]);
    expect([null, undefined].map((value) => accepts(optional(string(0, 1)), value))).toEqual([false, true]);
  });

  test('record copies what is there except __proto__', () => {
    const given: unknown = JSON.parse('{"__proto__":{"x":1},"constructor":2,"a":{"b":[null]}}');
    const copy = record(given, [], '', '');
    expect(Object.entries(copy ?? {})).toEqual([
      ['constructor', 2],
      ['a', { b: [null] }],
    ]);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(accepts(record, [])).toBe(false);
  });
});
