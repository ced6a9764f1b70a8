import type { ConformanceCase } from './case.js';
import type { CaseResult, CasesRun, Outcome } from './outcome.js';
import { redact } from './redact.js';
import { ruleOf } from './rules/clause.js';

/** How an environment for one case is made and ended, and what it has to offer. */
export interface Environment<Env> {
  /** Why a case cannot run here; undefined when it can. */
  readonly lacks: (one: ConformanceCase<Env>) => string | undefined;
  readonly open: () => Promise<{ readonly env: Env; readonly close: () => Promise<void> }>;
}

/** Real milliseconds for one case, unless somebody says otherwise. */
export const CASE_TIMEOUT_MS = 60_000;

export interface RunOptions {
  /** Real milliseconds for one case. Default: 60,000; each wait inside has a deadline of its own. */
  readonly caseTimeoutMs?: number;
  /** Only cases whose name contains this, or that prove this rule or clause. */
  readonly only?: string;
  /** Told after each case. */
  readonly onResult?: (result: CaseResult) => void;
  /** Ends the run: the case that runs is skipped, what it started is ended, and no other begins. */
  readonly signal?: AbortSignal;
}

/** Thrown by an environment: the run cannot go on, and that says nothing against the target. */
export class RunEnded extends Error {}

/** Runs cases one after the other, each in an environment of its own. Never rejects. */
export async function runCases<Env>(
  cases: readonly ConformanceCase<Env>[],
  environment: Environment<Env>,
  options: RunOptions = {},
): Promise<CasesRun> {
  const { caseTimeoutMs = CASE_TIMEOUT_MS, only, onResult, signal } = options;
  const results: CaseResult[] = [];
  for (const one of cases) {
    if (signal?.aborted) break;
    if (only !== undefined && !isMeant(one, only)) continue;
    const started = performance.now();
    const outcome = await runCase(one, environment, caseTimeoutMs, signal);
    if (outcome instanceof RunEnded) return { results, complete: false, why: outcome.message };
    const { name, rules, level, target } = one;
    const result = { name, rules, level, target, outcome, ms: Math.round(performance.now() - started) };
    results.push(result);
    onResult?.(result);
  }
  return { results, complete: !signal?.aborted };
}

/** Whether `only` means this case. */
export function isMeant(
  { name, rules }: Pick<ConformanceCase<never>, 'name' | 'rules'>,
  only: string,
): boolean {
  return name.includes(only) || rules.some((clause) => clause === only || ruleOf(clause) === only);
}

async function runCase<Env>(
  one: ConformanceCase<Env>,
  environment: Environment<Env>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Outcome | RunEnded> {
  const lacking = environment.lacks(one);
  if (lacking !== undefined) return { kind: 'skipped', why: lacking };
  try {
    const { env, close } = await environment.open();
    const failure = await within(timeoutMs, one.run(env), signal).then(
      () => undefined,
      // What a case waited for when the run was stopped says no more of the target than the case itself.
      (error: unknown) => ({ error: signal?.aborted ? new Stopped() : error }),
    );
    // Closing is part of the case: it fails when something was noticed that no target may ever do.
    const breach = await close().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    // What failed may have failed because the run has to end; what passed has passed.
    if (breach?.error instanceof RunEnded) return failure ? breach.error : { kind: 'passed' };
    const fault = failure ?? breach;
    return fault ? unsuccessful(fault.error) : { kind: 'passed' };
  } catch (error) {
    if (error instanceof RunEnded) return error;
    return unsuccessful(signal?.aborted ? new Stopped() : error);
  }
}

/** Says nothing against the target: the case was given up because somebody wanted the run to end. */
class Stopped extends Error {
  constructor() {
    super('the run was stopped');
  }
}

/** Whatever a report says of a target passes here. */
function unsuccessful(error: unknown): Outcome {
  if (error instanceof Stopped) return { kind: 'skipped', why: error.message };
  return { kind: 'failed', why: redact(error instanceof Error ? error.message : String(error)) };
}

async function within(ms: number, work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = () => {};
  const ended = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The case did not end within ${ms} ms`)), ms);
    stop = () => reject(new Stopped());
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
  });
  // The case may go on for a moment after it was given up.
  work.catch(() => {});
  try {
    await Promise.race([work, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
