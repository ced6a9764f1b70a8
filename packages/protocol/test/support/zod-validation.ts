import type { z } from 'zod';
import type { Validation } from '../../src/primitives/validation.js';

/** What zod says, in the form of the generated validators. */
export function zodValidation(schema: z.ZodType, value: unknown, path: string): Validation<unknown> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const faults = result.error.issues.map((issue) => ({
    path: [path, ...issue.path].join('.'),
    expected: issue.message,
  }));
  return { ok: false, faults };
}

/** zod copies a field that is there but undefined, where the generated validators leave it out, as JSON does. */
export function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries.map(([key, field]) => [key, withoutUndefined(field)]));
}
