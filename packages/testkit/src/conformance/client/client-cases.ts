import type { ConformanceCase } from '../case.js';
import { MISSING_CASES } from './cases/missing.js';
import { OPERATION_CASES } from './cases/operations.js';
import { READING_CASES } from './cases/reading.js';
import { RETURNING_CASES } from './cases/returning.js';
import { TOKEN_CASES } from './cases/tokens.js';
import type { ClientEnv } from './client-scene.js';

/** Every case for clients. */
export const CLIENT_CASES: readonly ConformanceCase<ClientEnv>[] = [
  ...READING_CASES,
  ...RETURNING_CASES,
  ...TOKEN_CASES,
  ...OPERATION_CASES,
  ...MISSING_CASES,
];
