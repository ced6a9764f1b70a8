import type { ErrorCode } from '@goconnect/protocol/validators';

/** What a handler throws to answer with an `error`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

export const notFound = (what: string): Refusal => new Refusal('ERR_NOT_FOUND', `${what} not found`);
export const forbidden = (why: string): Refusal => new Refusal('ERR_FORBIDDEN', why);
export const invalid = (field: string, reason: string, message: string): Refusal =>
  new Refusal('ERR_INVALID_MESSAGE', message, { field, reason });
