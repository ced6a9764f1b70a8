import { LIMITS } from './limits.js';
import { FORMATS, type FormatName } from './formats.js';
import { fits } from './text.js';
import type { Fault, Validator } from './validation.js';

/**
 * Reads one value: gives it back as a `T`, or adds a fault. What it gives after a fault is never looked at.
 *
 * A fault starts with an empty path and gets one segment from every container on the way out, so that a value
 * without faults costs no string.
 */
export type Check<T> = (value: unknown, faults: Fault[]) => T | undefined;

/** A check for each field; an optional field's check lets `undefined` through. */
type Shape<T> = { readonly [K in keyof T]-?: Check<T[K]> };

function fault(faults: Fault[], expected: string): undefined {
  if (faults.length < LIMITS.faultsReported) faults.push({ path: '', expected });
}

/** Puts `key` in front of the path of every fault from `first` on. */
function within(faults: Fault[], first: number, key: string | number): void {
  for (let index = first; index < faults.length; index++) {
    const { path, expected } = faults[index] as Fault;
    faults[index] = { path: `.${key}${path}`, expected };
  }
}

/** Text whose length is `min` to `max` code points; `min` is 0 or 1, where units and code points agree. */
export function string(min: number, max: number): Check<string> {
  return (value, faults) =>
    typeof value === 'string' && value.length >= min && fits(value, max)
      ? value
      : fault(faults, `a string of ${min}-${max} characters`);
}

export function format(name: FormatName): Check<string> {
  const { test, expected } = FORMATS[name];
  return (value, faults) => (typeof value === 'string' && test(value) ? value : fault(faults, expected));
}

export function integer(min: number, max: number): Check<number> {
  return (value, faults) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? (value as number)
      : fault(faults, `a whole number of ${min}-${max}`);
}

export function oneOf<T extends string | boolean>(...words: readonly T[]): Check<T> {
  return (value, faults) => words.find((word) => word === value) ?? fault(faults, words.join(' or '));
}

export function array<T>(item: Check<T>, max: number): Check<T[]> {
  return (value, faults) => {
    if (!Array.isArray(value) || value.length > max) return fault(faults, `an array of at most ${max} items`);
    const items: T[] = [];
    for (let index = 0; index < value.length && faults.length < LIMITS.faultsReported; index++) {
      const first = faults.length;
      items.push(item(value[index], faults) as T);
      within(faults, first, index);
    }
    return items;
  };
}

/** Copies the fields it knows; whatever else is there is ignored (A1.4). */
export function object<T extends object>(shape: Shape<T>): Check<T> {
  const fields = Object.entries(shape) as [keyof T & string, Check<unknown>][];
  return (value, faults) => {
    if (!isObject(value)) return fault(faults, 'an object');
    const result: Partial<Record<keyof T, unknown>> = {};
    for (const [key, check] of fields) {
      const first = faults.length;
      const field = check(value[key], faults);
      within(faults, first, key);
      if (field !== undefined) result[key] = field;
    }
    return result as T;
  };
}

/** An object with keys of anybody's choosing. */
export const record: Check<Record<string, unknown>> = (value, faults) => {
  if (!isObject(value)) return fault(faults, 'an object');
  const { ['__proto__']: _, ...rest } = value;
  return rest;
};

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, faults) => (value === null ? null : check(value, faults));
}

export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, faults) => (value === undefined ? undefined : check(value, faults));
}

/** `fallback` stands in for an absent value; a function, so that no two results share an array. */
export function withDefault<T>(check: Check<T>, fallback: () => T): Check<T> {
  return (value, faults) => (value === undefined ? fallback() : check(value, faults));
}

/** The public face of a table of checks. */
export function validators<T extends object>(checks: { readonly [K in keyof T]: Check<T[K]> }): {
  readonly [K in keyof T]: Validator<T[K]>;
} {
  const table: Record<string, Validator<unknown>> = {};
  for (const [type, check] of Object.entries(checks) as [string, Check<unknown>][]) {
    table[type] = (value, path) => {
      const faults: Fault[] = [];
      const result = check(value, faults);
      return faults.length === 0
        ? { ok: true, value: result }
        : { ok: false, faults: faults.map((one) => ({ ...one, path: path + one.path })) };
    };
  }
  return table as { readonly [K in keyof T]: Validator<T[K]> };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
