import { KeysUnavailable } from './tokens.js';

/**
 * Why the store could not do it: too much is waiting, it is closed, or the database failed; nothing of the work took
 * effect then. After `unknown_outcome` it may have: it was to be committed, and the database did not say in time what
 * came of that.
 */
export const STORE_ERROR_REASONS = ['busy', 'closed', 'failed', 'unknown_outcome'] as const;
export type StoreErrorReason = (typeof STORE_ERROR_REASONS)[number];

/**
 * What is wrong with a database, in words that may be shown to anybody. Each goes by itself when its cause goes, but
 * for `damaged`, which needs a hand, as does `file_gone` unless the same file comes back, and for `taken_over`: another
 * server has the database, and this one ends.
 */
export const STORE_FAULTS = [
  'disk_full',
  'read_only',
  'locked',
  'damaged',
  'file_gone',
  'taken_over',
  'io_error',
  'unreachable',
  'other',
] as const;
export type StoreFault = (typeof STORE_FAULTS)[number];

/**
 * The store could not do its part. Nothing of the work took effect, and trying again later is right
 * (`ERR_HANDLER_FAILED`), but for `unknown_outcome`: that MUST NOT be told as a refusal, for who believes it does the
 * same again under another key. The text is for operators, not for clients.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  /** What is wrong with the database, where that is why. The store itself has said so in the log. */
  readonly fault: StoreFault | undefined;

  constructor(
    readonly reason: StoreErrorReason,
    message: string,
    { fault, ...options }: ErrorOptions & { readonly fault?: StoreFault | undefined } = {},
  ) {
    super(message, options);
    this.fault = fault;
  }
}

/** True when the work may have taken effect all the same. */
export function isUnknownOutcome(error: unknown): boolean {
  return error instanceof StoreError && error.reason === 'unknown_outcome';
}

/** True for what a state of the database explains: the store has told that in the log, once. */
export function isExplained(error: unknown): boolean {
  return error instanceof StoreError && error.fault !== undefined;
}

/** How loud to tell of a failure that one request or connection met: on a full disk all of them do. */
export function loudness(error: unknown): 'debug' | 'error' {
  const isOfNoLookUp = error instanceof KeysUnavailable && error.cause === undefined;
  return isOfNoLookUp || isExplained(error) ? 'debug' : 'error';
}
