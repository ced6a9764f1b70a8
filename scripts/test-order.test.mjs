import { describe, expect, it } from 'vitest';
import { byProject, sideBySide } from './test-order.mjs';

/** @type {Record<string, number>} */
const COSTS = { long: 60, middling: 30, short: 10, heavy: 4, light: 3, lighter: 2, lightest: 1 };
const cost = (/** @type {string} */ name) => COSTS[name] ?? 0;

describe('the order of the test files', () => {
  it('keeps the files of a project together, the longest first, as are the projects', () => {
    const project = (/** @type {string} */ name) => (name.startsWith('l') ? 'those with l' : 'others');
    const all = byProject(['short', 'lightest', 'heavy', 'long', 'middling', 'light'], project, cost);
    expect(all).toEqual(['long', 'light', 'lightest', 'middling', 'short', 'heavy']);
  });

  it('keeps two kinds at one pace, however much longer the files of one are', () => {
    const all = sideBySide(['long', 'middling', 'short'], ['heavy', 'light', 'lighter', 'lightest'], cost);
    expect(all).toEqual(['long', 'heavy', 'light', 'middling', 'lighter', 'short', 'lightest']);
  });
});
