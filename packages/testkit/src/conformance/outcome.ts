import type { Level, TargetKind } from './case.js';
import { ruleOf } from './rules/clause.js';

/** What became of one case. */
export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'skipped'; readonly why: string };

export interface CaseResult {
  readonly name: string;
  /** Clauses that it proves. */
  readonly rules: readonly string[];
  readonly level: Level;
  readonly target: TargetKind;
  readonly outcome: Outcome;
  /** Milliseconds of real time. */
  readonly ms: number;
}

/** What became of a run. */
export interface ConformanceReport {
  readonly target: TargetKind;
  /** What was judged: an address, a name. Never a token. */
  readonly subject: string;
  readonly results: readonly CaseResult[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** False when the run was stopped before its end. */
  readonly complete: boolean;
  /** True when the run is complete, no MUST failed and at least one passed. */
  readonly conforms: boolean;
}

/** The rules that a case is about, without their clauses: what a person reads. */
export function rulesOf({ rules }: Pick<CaseResult, 'rules'>): string {
  return [...new Set(rules.map(ruleOf))].join(' ');
}

/** `signal` is what the run could be stopped by. */
export function summarise(
  target: TargetKind,
  subject: string,
  results: readonly CaseResult[],
  signal?: AbortSignal,
): ConformanceReport {
  const count = (kind: Outcome['kind']) => results.filter(({ outcome }) => outcome.kind === kind).length;
  const broken = results.some(({ level, outcome }) => level === 'MUST' && outcome.kind === 'failed');
  const proved = results.some(({ level, outcome }) => level === 'MUST' && outcome.kind === 'passed');
  const complete = !signal?.aborted;
  return {
    target,
    subject,
    results,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    complete,
    // A run that proved nothing is no proof.
    conforms: complete && !broken && proved,
  };
}
