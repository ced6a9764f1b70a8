/** What a client may do after an error: nothing, try again at once, or try again after a delay. */
export type RetryRule = 'never' | 'retry' | 'after_delay';

// Apart from the descriptions, so that a bundle which only decides holds no prose.
const RETRY_RULES = {
  ERR_UNAUTHORIZED: 'never',
  ERR_INVALID_MESSAGE: 'never',
  ERR_HANDLER_FAILED: 'retry',
  ERR_FORBIDDEN: 'never',
  ERR_NOT_FOUND: 'never',
  ERR_RATE_LIMIT: 'after_delay',
} as const satisfies Record<string, RetryRule>;

/** The six codes of the published contract. The set is open to readers (A1.4). */
export type ErrorCode = keyof typeof RETRY_RULES;

/** Every code with its retry rule and what it means. */
export const ERROR_CODES: {
  readonly [K in ErrorCode]: { readonly retry: (typeof RETRY_RULES)[K]; readonly description: string };
} = /* @__PURE__ */ Object.freeze({
  ERR_UNAUTHORIZED: { retry: 'never', description: 'Missing or invalid authentication' },
  ERR_INVALID_MESSAGE: { retry: 'never', description: 'Malformed message payload' },
  ERR_HANDLER_FAILED: { retry: 'retry', description: 'Message handler error' },
  ERR_FORBIDDEN: { retry: 'never', description: 'Insufficient permissions' },
  ERR_NOT_FOUND: { retry: 'never', description: 'Resource not found' },
  ERR_RATE_LIMIT: { retry: 'after_delay', description: 'Too many requests' },
});

/** True for one of the six codes. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(RETRY_RULES, code);
}

/** The retry rule of a code; a code this version does not know is never retried. */
export function retryRule(code: string): RetryRule {
  return isErrorCode(code) ? RETRY_RULES[code] : 'never';
}

/** Why an inbound message was refused with `ERR_INVALID_MESSAGE` (`details.reason`, A1.5 and B4.1). */
export type InvalidReason = 'not_json' | 'envelope' | 'unknown_type' | 'validation' | 'op_id_reused';
