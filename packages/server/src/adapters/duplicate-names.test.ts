import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasDuplicateNames } from './duplicate-names.js';

it.each([
  '{"a":1,"a":2}',
  '{"a":1,"\\u0061":2}',
  '{"b":{"a":1,"a":1}}',
  '{"b":[{"c":1},{"a":{},"a":[]}]}',
  '{"a":"}","b":"{","a":1}',
  '{"":1,"":2}',
  '{ "a" : 1 , "a" : 1 }',
])('finds a name that comes twice in %s', (json) => {
  JSON.parse(json);
  expect(hasDuplicateNames(json)).toBe(true);
});

it.each([
  '{}',
  '[]',
  '1',
  '"a:a"',
  '{"a":{"a":{"a":1}}}',
  '[{"a":1},{"a":2}]',
  '{"a":"a","b":"\\"a\\":1,\\"a\\":2"}',
  '{"a:":1,"a":2}',
])('finds none in %s', (json) => {
  expect(hasDuplicateNames(json)).toBe(false);
});

it('finds none in what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(hasDuplicateNames(JSON.stringify(JSON.parse(json)))).toBe(false);
    }),
  );
});
