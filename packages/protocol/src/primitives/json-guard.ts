import { ARRAY_ITEMS, DEPTH, KEYS_PER_OBJECT } from './limits.js';
import type { Fault } from './validation.js';

const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype'];

export const OUT_OF_BOUNDS: Fault = { path: '', expected: 'fewer levels, keys, items or lines' };

/** Texts up to this length are parsed at once: however deep, that takes less than a millisecond. */
const SHORT = 8_192;

/**
 * True for a long text that nests deeper than a message may. JSON.parse itself takes 50 ms for half a megabyte
 * of `[`, so the brackets are counted first; in a text that is no JSON the count means nothing, and does no harm.
 */
export function nestsTooDeep(text: string): boolean {
  if (text.length <= SHORT) return false;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') inString = !inString;
    else if (inString) index += character === '\\' ? 1 : 0;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > DEPTH) return true;
  }
  return false;
}

/**
 * Bounds a freshly parsed JSON value before anything walks it recursively (A1.6), and removes the keys that
 * could reach a prototype. Level by level on purpose: a 40 KB frame of `[` overflows any recursive walk.
 *
 * @returns a fault when a bound is exceeded, else `undefined`
 */
export function guardJson(root: unknown): Fault | undefined {
  let level = [root].filter(isContainer);
  for (let depth = 0; level.length > 0; depth++) {
    const next: object[] = [];
    for (const container of level) {
      removeForbiddenKeys(container);
      const children: unknown[] = Array.isArray(container) ? container : Object.values(container);
      const most = children === container ? ARRAY_ITEMS : KEYS_PER_OBJECT;
      if (depth >= DEPTH || children.length > most) {
        return OUT_OF_BOUNDS;
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

export type JsonObject = { readonly [key: string]: unknown };

/** A JSON object: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return isContainer(value) && !Array.isArray(value);
}

function removeForbiddenKeys(container: object): void {
  for (const key of FORBIDDEN_KEYS) if (Object.hasOwn(container, key)) Reflect.deleteProperty(container, key);
}
