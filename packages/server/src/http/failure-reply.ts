import { OperationError, type OperationErrorCode } from '../domain/operation-error.js';
import { isUnknownOutcome, StoreError } from '../ports/store-error.js';

/** What a failed request is answered with. */
export interface FailureReply {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 429 | 500 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly code: OperationErrorCode;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
  /** True when somebody should look into it. */
  readonly fault: boolean;
}

const STATUS = {
  ERR_INVALID_MESSAGE: 400,
  ERR_UNAUTHORIZED: 401,
  ERR_FORBIDDEN: 403,
  ERR_NOT_FOUND: 404,
  ERR_CONFLICT: 409,
  ERR_RATE_LIMIT: 429,
  ERR_HANDLER_FAILED: 500,
} as const satisfies Record<OperationErrorCode, FailureReply['status']>;

/** What was thrown -> what is told. Faults of ours get a fixed text and the id under which they are logged (A2.4). */
export function failureReply(error: unknown, requestId: string): FailureReply {
  if (!(error instanceof OperationError)) return internalFailure(error, requestId);
  const { code, message, details } = error;
  return { status: STATUS[code], headers: headersFor(error), body: { code, message, details }, fault: false };
}

function internalFailure(error: unknown, requestId: string): FailureReply {
  if (isUnknownOutcome(error)) return unknownOutcome(requestId);
  const busy = error instanceof StoreError && error.reason !== 'failed';
  return {
    status: busy ? 503 : 500,
    headers: busy ? { 'retry-after': '1' } : {},
    body: {
      code: 'ERR_HANDLER_FAILED',
      message: 'The server could not do this. Trying again later may help.',
      details: { correlation_id: requestId },
    },
    fault: true,
  };
}

/** No 503 with `Retry-After`: it invites to repeat also what has no key. */
function unknownOutcome(requestId: string): FailureReply {
  return {
    status: 500,
    headers: {},
    body: {
      code: 'ERR_HANDLER_FAILED',
      message: 'Nobody knows whether this took effect. Repeat it with the same Idempotency-Key, or look.',
      details: { correlation_id: requestId, outcome: 'unknown' },
    },
    fault: true,
  };
}

function headersFor({ code, details }: OperationError): Record<string, string> {
  if (code === 'ERR_UNAUTHORIZED') return { 'www-authenticate': 'Bearer' };
  const { retry_after_ms: retryAfterMs } = details;
  if (typeof retryAfterMs !== 'number') return {};
  return { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) };
}
