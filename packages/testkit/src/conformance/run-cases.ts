import type { ConformanceCase } from './case.js';
import type { CaseResult, Outcome } from './outcome.js';

/** How an environment for one case is made and ended, and what it has to offer. */
export interface Environment<Env> {
  /** Why a case cannot run here; undefined when it can. */
  readonly lacks: (one: ConformanceCase<Env>) => string | undefined;
  readonly open: () => Promise<{ readonly env: Env; readonly close: () => Promise<void> }>;
}

export interface RunOptions {
  /** Real milliseconds for one case. Default: 15,000. */
  readonly caseTimeoutMs?: number;
  /** Only cases whose name or rules contain this. */
  readonly only?: string;
  /** Told after each case. */
  readonly onResult?: (result: CaseResult) => void;
}

/** Runs cases one after the other, each in an environment of its own. Never rejects. */
export async function runCases<Env>(
  cases: readonly ConformanceCase<Env>[],
  environment: Environment<Env>,
  options: RunOptions = {},
): Promise<readonly CaseResult[]> {
  const { caseTimeoutMs = 15_000, only, onResult } = options;
  const results: CaseResult[] = [];
  for (const one of cases) {
    if (only !== undefined && !one.name.includes(only) && !one.rules.includes(only)) continue;
    const started = performance.now();
    const outcome = await runCase(one, environment, caseTimeoutMs);
    const { name, rules, level, target } = one;
    const result = { name, rules, level, target, outcome, ms: Math.round(performance.now() - started) };
    results.push(result);
    onResult?.(result);
  }
  return results;
}

async function runCase<Env>(
  one: ConformanceCase<Env>,
  environment: Environment<Env>,
  timeoutMs: number,
): Promise<Outcome> {
  const lacking = environment.lacks(one);
  if (lacking !== undefined) return { kind: 'skipped', why: lacking };
  try {
    const { env, close } = await environment.open();
    const failure = await within(timeoutMs, one.run(env)).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    // Closing is part of the case: it fails when something was noticed that no target may ever do.
    const breach = await close().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const fault = failure ?? breach;
    return fault ? { kind: 'failed', why: reason(fault.error) } : { kind: 'passed' };
  } catch (error) {
    return { kind: 'failed', why: reason(error) };
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The case did not end within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
