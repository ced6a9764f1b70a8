import type { ErrorCode } from '@goconnect/protocol/validators';

/** Each code: may the same call succeed later, and what to do. */
const CODES = {
  ERR_UNAUTHORIZED: [false, 'Sign in again, then connect().'],
  ERR_INVALID_MESSAGE: [false, 'Correct the field named in details.field.'],
  ERR_HANDLER_FAILED: [true, 'Try again; if it stays, report details.correlation_id, or see cause.'],
  ERR_FORBIDDEN: [false, 'Ask someone whose role permits it.'],
  ERR_NOT_FOUND: [false, 'Check the id; it may have been removed.'],
  ERR_RATE_LIMIT: [true, 'Wait details.retry_after_ms, then try again.'],
  timeout: [true, 'If sent, check whether it took effect; else try again.'],
  aborted: [false, 'If sent, it may take effect all the same.'],
  expired: [true, 'Ask the user whether it should still be sent.'],
  unknown_outcome: [false, 'Check whether it took effect before trying again.'],
  queue_full: [true, 'Wait until what is queued has been sent.'],
  invalid_payload: [false, 'Correct the field named in details.field.'],
  auth_failed: [false, 'Sign in again, then connect().'],
  closed: [false, 'Call connect() if you still need it.'],
  storage_failed: [true, 'Free space for the outbox storage; see cause.'],
  not_connected: [true, 'Call connect(), then wait for the state "connected".'],
} as const satisfies Record<ErrorCode | LocalCode, readonly [boolean, string]>;

type LocalCode =
  | 'timeout'
  | 'aborted'
  | 'expired'
  | 'unknown_outcome'
  | 'queue_full'
  | 'invalid_payload'
  | 'auth_failed'
  | 'closed'
  | 'storage_failed'
  | 'not_connected';

/** What went wrong. Open only for codes that newer servers may send. */
export type GoConnectErrorCode = keyof typeof CODES | (string & {});

export interface GoConnectErrorContext {
  /** Did bytes leave? When true, the operation may have taken effect. Default false. */
  readonly sent?: boolean | undefined;
  readonly opId?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
  /** What to do, where the code's usual sentence is no help. */
  readonly remedy?: string | undefined;
}

/** Of the errors of every copy of this package in one program: `import` and `require` load one each. */
const BRAND: symbol = Symbol.for('goconnect.error');

/**
 * The one error of this package. Switch on `code`, never on `message`.
 *
 * `ERR_*` is what the server answered, or would have: a request that it does not offer is not sent. `ERR_HANDLER_FAILED` is also
 * what a listener, or another part that the application gave, has thrown (`cause`). The others are findings of the client: `timeout`
 * (no reply in time), `aborted` (your signal), `expired` (never sent within its time to live), `unknown_outcome` (sent, then the
 * connection broke), `queue_full`, `invalid_payload` (refused before it was sent; with `sent`, a reply that breaks the contract),
 * `auth_failed`, `closed`, `not_connected`, `storage_failed` (the outbox could not be kept).
 */
export class GoConnectError extends Error {
  override readonly name = 'GoConnectError';
  /** May the same call succeed later? */
  readonly retryable: boolean;
  readonly sent: boolean;
  readonly opId: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  /** One sentence: what to do. */
  readonly remedy: string;

  constructor(
    readonly code: GoConnectErrorCode,
    message: string,
    { sent = false, opId, details = {}, cause, remedy }: GoConnectErrorContext = {},
  ) {
    super(message, { cause });
    const [retryable, usual] = Object.hasOwn(CODES, code)
      ? CODES[code as keyof typeof CODES]
      : [false, 'See message.'];
    this.retryable = retryable;
    this.remedy = remedy ?? usual;
    this.sent = sent;
    this.opId = opId;
    this.details = details;
  }

  [BRAND](): void {}

  /** Also what another copy of this package made. A class derived from this one knows its own only. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore-start lint/complexity/noThisInStatic: what stands right of `instanceof` may be a derived class
    const own = super[Symbol.hasInstance](value);
    return own || (Object.hasOwn(this.prototype, BRAND) && BRAND in Object(value));
    // biome-ignore-end lint/complexity/noThisInStatic: see above
  }

  /** Anything thrown -> a `GoConnectError`; the original is its `cause`. */
  static from(error: unknown): GoConnectError {
    return from(error);
  }
}

/** The application gave something that makes no sense, and `field` is where. */
export function senseless(field: string, message: string): GoConnectError {
  return new GoConnectError('invalid_payload', message, { details: { field } });
}

/** Outside of the class: where that speaks of itself, the bundler gives it another name, which Node shows. */
function from(error: unknown): GoConnectError {
  if (error instanceof GoConnectError) return error;
  // Whatever has a message will do, an Error of another frame too; some things that can be thrown do not even become a text.
  const text = Object(error) === error ? 'Not an Error' : String(error);
  const { name, message } = Object(error) as Partial<Error>;
  const code = name === 'AbortError' ? 'aborted' : 'ERR_HANDLER_FAILED';
  return new GoConnectError(code, typeof message === 'string' ? message : text, {
    cause: error,
    remedy: 'Mend what threw it; see cause.',
  });
}
