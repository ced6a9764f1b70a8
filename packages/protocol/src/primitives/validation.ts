/** One thing wrong with a value: where (`data.body`) and what would have been right. Never quotes the value. */
export interface Fault {
  readonly path: string;
  readonly expected: string;
}

export type Validation<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * Checks a value that came off the wire. `path` is what fault paths start with (`data`).
 * Unknown fields are ignored and not copied; defaults are filled in; at most `LIMITS.faultsReported` faults.
 */
export type Validator<T> = (value: unknown, path: string) => Validation<T>;
