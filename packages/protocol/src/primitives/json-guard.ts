import { LIMITS } from './limits.js';
import type { Fault } from './validation.js';

const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype'];

/**
 * Bounds a freshly parsed JSON value before anything walks it recursively (A1.6), and removes the keys that
 * could reach a prototype. Iterative on purpose: a 40 KB frame of `[` overflows any recursive walk.
 *
 * @returns the first bound that is exceeded, or `undefined`
 */
export function guardJson(root: unknown): Fault | undefined {
  let level: object[] = isContainer(root) ? [root] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > LIMITS.depth) return { path: '', expected: `at most ${LIMITS.depth} levels of nesting` };
    const next: object[] = [];
    for (const container of level) {
      const children = Array.isArray(container) ? container : objectValues(container);
      if (!children || children.length > LIMITS.arrayItems) {
        return {
          path: '',
          expected: children
            ? `arrays of at most ${LIMITS.arrayItems} items`
            : `objects of at most ${LIMITS.keysPerObject} keys`,
        };
      }
      for (const child of children) if (isContainer(child)) next.push(child);
    }
    level = next;
  }
  return undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The values of an object without its forbidden keys, or `undefined` when it has too many keys. */
function objectValues(object: object): unknown[] | undefined {
  for (const key of FORBIDDEN_KEYS) if (Object.hasOwn(object, key)) Reflect.deleteProperty(object, key);
  const values = Object.values(object);
  return values.length > LIMITS.keysPerObject ? undefined : values;
}
