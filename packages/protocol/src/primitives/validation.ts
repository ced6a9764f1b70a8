/**
 * One thing wrong with a value: where, and what would have been right. Never quotes the value.
 *
 * The path goes from the outside in, with dots; members of lists by number: `data.attachments.1`.
 */
export interface Fault {
  readonly path: string;
  readonly expected: string;
}

export type Validation<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * Checks a value that came off the wire. `path` is what fault paths start with (`data`).
 * Unknown fields are ignored and not copied; defaults are filled in; at most `LIMITS.faultsReported` faults, in the
 * order of the fields. A list that is too long is not looked into.
 */
export type Validator<T> = (value: unknown, path: string) => Validation<T>;
