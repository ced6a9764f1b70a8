import { OperationError, type OperationErrorCode } from '../domain/operation-error.js';
import { isUnknownOutcome, StoreError } from '../ports/store-error.js';
import { KEYS_RETRY_MS, KeysUnavailable } from '../ports/tokens.js';

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

/** A store that is busy is so for moments. */
const STORE_RETRY_MS = 1_000;

/** What was thrown -> what is told. Faults of ours get a fixed text and the id under which they are logged (A2.4). */
export function failureReply(error: unknown, requestId: string): FailureReply {
  if (!(error instanceof OperationError)) return internalFailure(error, requestId);
  const { code, message, details } = error;
  return { status: STATUS[code], headers: headersFor(error), body: { code, message, details }, fault: false };
}

function internalFailure(error: unknown, requestId: string): FailureReply {
  if (isUnknownOutcome(error)) return unknownOutcome(requestId);
  const waitMs = waitOf(error);
  return {
    status: waitMs === undefined ? 500 : 503,
    headers: waitMs === undefined ? {} : retryAfter(waitMs),
    body: {
      code: 'ERR_HANDLER_FAILED',
      message: 'The server could not do this. Trying again later may help.',
      details: { correlation_id: requestId },
    },
    fault: true,
  };
}

/** How long to wait with what will most likely work then; undefined for what may never. */
function waitOf(error: unknown): number | undefined {
  if (error instanceof KeysUnavailable) return KEYS_RETRY_MS;
  return error instanceof StoreError && error.reason !== 'failed' ? STORE_RETRY_MS : undefined;
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
  return typeof retryAfterMs === 'number' ? retryAfter(retryAfterMs) : {};
}

function retryAfter(waitMs: number): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) };
}
