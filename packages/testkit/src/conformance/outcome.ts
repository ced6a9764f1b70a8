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

/** What became of the cases that were run. */
export interface CasesRun {
  readonly results: readonly CaseResult[];
  /** False when not all that were meant were run. */
  readonly complete: boolean;
  /** Why not, where it was not because somebody wanted it so. */
  readonly why?: string;
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
  /** Why it was, unless somebody wanted it so. */
  readonly why?: string;
  /** True when the run is complete, no MUST failed and at least one passed. */
  readonly conforms: boolean;
}

/** The rules that a case is about, without their clauses: what a person reads. */
export function rulesOf({ rules }: Pick<CaseResult, 'rules'>): string {
  return [...new Set(rules.map(ruleOf))].join(' ');
}

export function summarise(
  target: TargetKind,
  subject: string,
  { results, complete, why }: CasesRun,
): ConformanceReport {
  const count = (kind: Outcome['kind']) => results.filter(({ outcome }) => outcome.kind === kind).length;
  const broken = results.some(({ level, outcome }) => level === 'MUST' && outcome.kind === 'failed');
  const proved = results.some(({ level, outcome }) => level === 'MUST' && outcome.kind === 'passed');
  return {
    target,
    subject,
    results,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    complete,
    ...(why !== undefined && { why }),
    // A run that proved nothing is no proof.
    conforms: complete && !broken && proved,
  };
}
