import { type ConformanceReport, summarise } from '../outcome.js';
import { type RunOptions, runCases } from '../run-cases.js';
import { preflight } from './preflight.js';
import { SERVER_CASES } from './server-cases.js';
import { serverEnvironment } from './server-env.js';
import type { ServerTarget } from './server-target.js';

/** Judges a server. Rejects when it cannot be reached, or lets in none of its users; what it does wrong is in the report. */
export async function judgeServer(
  target: ServerTarget,
  options: RunOptions = {},
): Promise<ConformanceReport> {
  const environment = serverEnvironment(target, await preflight(target, options.signal));
  const { origin, pathname } = new URL(target.url);
  const subject = origin === 'null' ? target.url : `${origin}${pathname}`;
  const results = await runCases(SERVER_CASES, environment, options);
  return summarise('server', subject, results, options.signal);
}
