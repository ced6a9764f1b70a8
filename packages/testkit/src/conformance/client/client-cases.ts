import type { ConformanceCase } from '../case.js';
import { OPERATION_CASES } from './cases/operations.js';
import { READING_CASES } from './cases/reading.js';
import { RETURNING_CASES } from './cases/returning.js';
import type { ClientEnv } from './client-env.js';

/** Every case for clients. */
export const CLIENT_CASES: readonly ConformanceCase<ClientEnv>[] = [
  ...READING_CASES,
  ...RETURNING_CASES,
  ...OPERATION_CASES,
];
