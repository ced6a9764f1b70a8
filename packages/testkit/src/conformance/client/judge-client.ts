import { type ConformanceReport, summarise } from '../outcome.js';
import { type RunOptions, runCases } from '../run-cases.js';
import { CLIENT_CASES } from './client-cases.js';
import { clientEnvironment } from './client-env.js';
import type { ClientTarget } from './client-target.js';

/** Judges a client in this process, on virtual time. Never rejects. */
export async function judgeClient(
  target: ClientTarget,
  options: RunOptions = {},
): Promise<ConformanceReport> {
  const run = await runCases(CLIENT_CASES, clientEnvironment(target), options);
  return summarise('client', target.name, run);
}
