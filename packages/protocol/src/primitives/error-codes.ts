/** What a client may do after an error: nothing, try again at once, or try again after a delay. */
export type RetryRule = 'never' | 'retry' | 'after_delay';

/** The six codes of the published contract, with their retry rule. The set is open to readers (A1.4). */
export const ERROR_CODES = /* @__PURE__ */ Object.freeze({
  ERR_UNAUTHORIZED: { retry: 'never', description: 'Missing or invalid authentication' },
  ERR_INVALID_MESSAGE: { retry: 'never', description: 'Malformed message payload' },
  ERR_HANDLER_FAILED: { retry: 'retry', description: 'Message handler error' },
  ERR_FORBIDDEN: { retry: 'never', description: 'Insufficient permissions' },
  ERR_NOT_FOUND: { retry: 'never', description: 'Resource not found' },
  ERR_RATE_LIMIT: { retry: 'after_delay', description: 'Too many requests' },
} as const satisfies Record<string, { retry: RetryRule; description: string }>);

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

/** The retry rule of a code; a code this version does not know is never retried. */
export function retryRule(code: string): RetryRule {
  return isErrorCode(code) ? ERROR_CODES[code].retry : 'never';
}

/** Why an inbound message was refused with `ERR_INVALID_MESSAGE` (`details.reason`, A1.5 and B4.1). */
export type InvalidReason = 'not_json' | 'envelope' | 'unknown_type' | 'validation' | 'op_id_reused';
