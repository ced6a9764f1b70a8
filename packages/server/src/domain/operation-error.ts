import type { ErrorCode } from '@goconnect/protocol';

/** The six codes of the contract, and the one that only the HTTP API has. */
export type OperationErrorCode = ErrorCode | 'ERR_CONFLICT';

/** A refusal that the caller is told about. Everything else that is thrown is a fault of ours. */
export class OperationError extends Error {
  override readonly name = 'OperationError';

  constructor(
    readonly code: OperationErrorCode,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}
