import { LIMITS } from '@goconnect/protocol';
import type { z } from 'zod';
import { OperationError } from '../domain/operation-error.js';

/** Longest text about one fault. Ours are shorter; zod's list what is accepted. */
const EXPECTED_LENGTH = 200;

/** Checks what a request brought. The refusal names at most three faults and never quotes the input (A1.5). */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.slice(0, LIMITS.faultsReported).map((issue) => ({
    field: issue.path.map(String).join('.').slice(0, LIMITS.idLength),
    expected: issue.message.slice(0, EXPECTED_LENGTH),
  }));
  const [first = { field: '', expected: '' }] = faults;
  const where = first.field === '' ? 'The request' : first.field;
  throw new OperationError('ERR_INVALID_MESSAGE', `${where}: ${first.expected}`, {
    field: first.field,
    reason: 'validation',
    faults,
  });
}
