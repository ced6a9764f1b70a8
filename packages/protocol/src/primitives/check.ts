import { FORMATS, type FormatName } from './formats.js';
import { isObject } from './json-guard.js';
import { FAULTS_REPORTED } from './limits.js';
import { fits } from './text.js';
import type { Fault, Validator } from './validation.js';

/**
 * Reads one value: gives it back as a `T`, or adds a fault. What it gives after a fault is never looked at.
 *
 * The value's path is `prefix` + `key`. They come apart, so that a leaf without a fault costs no string.
 */
export type Check<T> = (
  value: unknown,
  faults: Fault[],
  prefix: string,
  key: string | number,
) => T | undefined;

/** A check for each field; an optional field's check lets `undefined` through. */
type Shape<T> = { readonly [K in keyof T]-?: Check<T[K]> };

function fault(faults: Fault[], prefix: string, key: string | number, expected: string): undefined {
  if (faults.length < FAULTS_REPORTED) faults.push({ path: prefix + key, expected });
}

/** A value for which `test` holds. */
function check<T>(test: (value: unknown) => boolean, expected: string): Check<T> {
  return (value, faults, prefix, key) => (test(value) ? (value as T) : fault(faults, prefix, key, expected));
}

/** Text whose length is `min` to `max` code points; `min` is 0 or 1, where units and code points agree. */
export function string(min: number, max: number): Check<string> {
  return check(
    (value) => typeof value === 'string' && value.length >= min && fits(value, max),
    `a string of ${min}-${max} characters`,
  );
}

export function format(name: FormatName): Check<string> {
  const { test, expected } = FORMATS[name];
  return check((value) => typeof value === 'string' && test(value), expected);
}

export function integer(min: number, max: number): Check<number> {
  return check(
    (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
    `a whole number of ${min}-${max}`,
  );
}

export function oneOf<T extends string | boolean>(...words: readonly T[]): Check<T> {
  return check((value) => words.includes(value as T), words.join(' or '));
}

export function array<T>(item: Check<T>, max: number): Check<T[]> {
  return (value, faults, prefix, key) => {
    if (!Array.isArray(value) || value.length > max)
      return fault(faults, prefix, key, `an array of at most ${max} items`);
    const inside = `${prefix}${key}.`;
    const items: T[] = [];
    for (let index = 0; index < value.length && faults.length < FAULTS_REPORTED; index++) {
      items.push(item(value[index], faults, inside, index) as T);
    }
    return items;
  };
}

/** Copies the fields it knows; whatever else is there is ignored (A1.4). */
export function object<T extends object>(shape: Shape<T>): Check<T> {
  const fields = Object.entries(shape) as [keyof T & string, Check<unknown>][];
  return (value, faults, prefix, key) => {
    if (!isObject(value)) return fault(faults, prefix, key, 'an object');
    const result: Partial<Record<keyof T, unknown>> = {};
    const inside = `${prefix}${key}.`;
    for (const [name, field] of fields) {
      const known = field(value[name], faults, inside, name);
      if (known !== undefined) result[name] = known;
    }
    return result as T;
  };
}

/** An object with keys of anybody's choosing. */
export const record: Check<Record<string, unknown>> = (value, faults, prefix, key) => {
  if (!isObject(value)) return fault(faults, prefix, key, 'an object');
  const { ['__proto__']: _, ...rest } = value;
  return rest;
};

export function nullable<T>(inner: Check<T>): Check<T | null> {
  return (value, faults, prefix, key) => (value === null ? null : inner(value, faults, prefix, key));
}

/** `fallback` stands in for an absent value; a function, so that no two results share an array. */
export function optional<T>(inner: Check<T>, fallback: () => T): Check<T>;
export function optional<T>(inner: Check<T>): Check<T | undefined>;
export function optional<T>(inner: Check<T>, fallback?: () => T): Check<T | undefined> {
  return (value, faults, prefix, key) =>
    value === undefined ? fallback?.() : inner(value, faults, prefix, key);
}

/** The public face of a table of checks; behind a function, so that a bundler can drop a table that nobody uses. */
export function validators<T extends object>(
  checks: () => { readonly [K in keyof T]: Check<T[K]> },
): {
  readonly [K in keyof T]: Validator<T[K]>;
} {
  const table: Record<string, Validator<unknown>> = {};
  for (const [type, one] of Object.entries(checks()) as [string, Check<unknown>][]) {
    table[type] = (value, path) => {
      const faults: Fault[] = [];
      const result = one(value, faults, '', path);
      return faults.length === 0 ? { ok: true, value: result } : { ok: false, faults };
    };
  }
  return table as { readonly [K in keyof T]: Validator<T[K]> };
}
