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

/** @param field which part of the request named it, where several could have */
export const notFound = (what: string, field?: string): Refusal =>
  new Refusal('ERR_NOT_FOUND', `${what} not found`, field === undefined ? {} : { field });
/** `reason` is one word for programs, as the reference server gives it, `message` a sentence for people. */
export const forbidden = (reason: string, message: string): Refusal =>
  new Refusal('ERR_FORBIDDEN', message, { reason });
export const invalid = (field: string, reason: string, message: string): Refusal =>
  new Refusal('ERR_INVALID_MESSAGE', message, { field, reason });
