import { describe, expect, it } from 'vitest';
import { sideBySide } from './test-order.mjs';

/** @type {Record<string, number>} */
const COSTS = { long: 60, middling: 30, short: 10, heavy: 4, light: 3, lighter: 2, lightest: 1 };
const order = (/** @type {string[]} */ some, /** @type {string[]} */ others) =>
  sideBySide(some, others, (name) => COSTS[name] ?? 0);

describe('the order of the test files', () => {
  it('is the longest first, where there is one kind of them', () => {
    expect(order(['short', 'long', 'middling'], [])).toEqual(['long', 'middling', 'short']);
    expect(order([], ['lightest', 'heavy'])).toEqual(['heavy', 'lightest']);
  });

  it('keeps two kinds at one pace, however much longer the files of one are', () => {
    const all = order(['short', 'long', 'middling'], ['lightest', 'lighter', 'heavy', 'light']);
    expect(all).toEqual(['long', 'heavy', 'light', 'middling', 'lighter', 'short', 'lightest']);
  });
});
