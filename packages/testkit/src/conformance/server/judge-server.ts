import { type ConformanceReport, summarise } from '../outcome.js';
import { type RunOptions, runCases } from '../run-cases.js';
import { SERVER_CASES } from './server-cases.js';
import { serverEnvironment, speaksV1 } from './server-env.js';
import type { ServerTarget } from './server-target.js';

/** Judges a server. Rejects only when it cannot be reached at all; what it does wrong is in the report. */
export async function judgeServer(
  target: ServerTarget,
  options: RunOptions = {},
): Promise<ConformanceReport> {
  const environment = serverEnvironment(target, await speaksV1(target));
  const { origin, pathname } = new URL(target.url);
  return summarise(
    'server',
    origin === 'null' ? target.url : `${origin}${pathname}`,
    await runCases(SERVER_CASES, environment, options),
  );
}
