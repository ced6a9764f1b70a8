/** Where a clause of the specification shows from outside. */
export type Visibility =
  /** Cases of these targets prove it. */
  | { readonly kind: 'seen'; readonly on: readonly ('server' | 'client')[] }
  /** It cannot be seen over the wire; why, and what proves it instead. */
  | { readonly kind: 'hidden'; readonly why: string };

/** One thing that a rule demands. A rule has as many as it has demands that can be broken one by one. */
export interface Clause {
  /** One sentence. */
  readonly says: string;
  readonly visibility: Visibility;
}

/** Clauses by id: the rule, and a word for the demand, as in `A3.5/body-length`. */
export type ClauseTable = Readonly<Record<string, Clause>>;

const seen =
  (...on: ('server' | 'client')[]) =>
  (says: string): Clause => ({ says, visibility: { kind: 'seen', on } });

export const server = seen('server');
export const client = seen('client');
export const both = seen('server', 'client');
export const hidden = (says: string, why: string): Clause => ({
  says,
  visibility: { kind: 'hidden', why },
});

/** The rule that a clause belongs to. */
export const ruleOf = (clause: string): string => clause.split('/')[0] ?? clause;

export const OWN_TESTS = 'the server has its own tests';
