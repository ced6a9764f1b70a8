import { type ConformanceReport, summarise } from '../outcome.js';
import { CASE_TIMEOUT_MS, type RunOptions, runCases } from '../run-cases.js';
import { preflight } from './preflight.js';
import { SERVER_CASES } from './server-cases.js';
import { serverEnvironment } from './server-env.js';
import type { ServerTarget } from './server-target.js';

/** What is left of a token when its case has taken as long as it may. */
const TOKEN_RESERVE_MS = 60_000;

/** Judges a server. Rejects when it cannot be reached, or lets in none of its users; what it does wrong is in the report. */
export async function judgeServer(
  target: ServerTarget,
  options: RunOptions = {},
): Promise<ConformanceReport> {
  const { caseTimeoutMs = CASE_TIMEOUT_MS, signal } = options;
  const speaksV1 = await preflight(target, signal);
  const environment = serverEnvironment(target, speaksV1, caseTimeoutMs + TOKEN_RESERVE_MS);
  const { origin, pathname } = new URL(target.url);
  const subject = origin === 'null' ? target.url : `${origin}${pathname}`;
  const run = await runCases(SERVER_CASES, environment, options);
  return summarise('server', subject, run);
}
