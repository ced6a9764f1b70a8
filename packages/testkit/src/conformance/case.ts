import { isObject } from '../support/is-object.js';

/** What is judged. */
export type TargetKind = 'server' | 'client' | 'store' | 'bus';

/** MUST decides about passing; SHOULD is told. */
export type Level = 'MUST' | 'SHOULD';

/** One thing that a target has to do, as data. */
export interface ConformanceCase<Env> {
  /** A sentence of behaviour; unique within its target. */
  readonly name: string;
  /** Clauses of the specification that it proves: `A2.1/once`. */
  readonly rules: readonly string[];
  readonly level: Level;
  readonly target: TargetKind;
  /** `v1`: only where the session extension is spoken. */
  readonly needs: 'base' | 'v1';
  /** What else the environment has to offer; without it the case is skipped, with the reason. */
  readonly also: readonly string[];
  /** Rejects when the target does otherwise. */
  readonly run: (env: Env) => Promise<void>;
}

/** A case without what can be left out. */
export type CaseInput<Env> = Omit<ConformanceCase<Env>, 'level' | 'target' | 'needs' | 'also'> &
  Partial<Pick<ConformanceCase<Env>, 'level' | 'needs' | 'also'>>;

/** Fills in what was left out: MUST, base, nothing else. */
export function casesFor<Env>(
  target: TargetKind,
  inputs: readonly CaseInput<Env>[],
): readonly ConformanceCase<Env>[] {
  return inputs.map((input) => ({ level: 'MUST', needs: 'base', also: [], ...input, target }));
}

/** Thrown by a case: the target did not do what the rule says. */
export class NotConforming extends Error {
  override readonly name = 'NotConforming';
}

/** Fails the case with `what` unless `fact` holds. */
export function must(fact: unknown, what: string): asserts fact {
  if (!fact) throw new NotConforming(what);
}

/** Fails the case unless both are the same as JSON, in whatever order their keys stand. */
export function mustEqual(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [canonical(actual), canonical(expected)];
  must(got === wanted, `${what}: expected ${clip(wanted)}, got ${clip(got)}`);
}

/** Said of what the original server leaves out: a finding, of which clients need not be afraid. */
export const ABSENCE = 'A1.4: clients accept its absence, but the page shows it';

function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_, one: unknown) =>
    isObject(one) ? Object.fromEntries(Object.entries(one).sort()) : one,
  );
}

function clip(text: string | undefined): string {
  return text === undefined ? 'nothing' : text.length > 300 ? `${text.slice(0, 297)}...` : text;
}
