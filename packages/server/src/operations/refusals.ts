import { OperationError } from '../domain/operation-error.js';

/** What is not there, and what is not there for the one who asks: they must not be able to tell. */
export function notFound(what: string): OperationError {
  return new OperationError('ERR_NOT_FOUND', `${what} not found.`);
}

/** `reason` is one word for programs, `message` a sentence for people. */
export function forbidden(reason: string, message: string): OperationError {
  return new OperationError('ERR_FORBIDDEN', message, { reason });
}

export function unauthorized(message: string): OperationError {
  return new OperationError('ERR_UNAUTHORIZED', message);
}
