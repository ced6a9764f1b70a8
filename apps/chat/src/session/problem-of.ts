import { GoConnectError } from '@goconnect/client';
import { ApiError } from '../api/api-error.js';
import { UnexpectedAnswer } from '../api/parse.js';
import type { Problem } from '../state/problem.js';

/** For a person who chats. The SDK's `remedy` speaks to programmers, so it is used only for codes not listed here. */
const WORDS: Readonly<Record<string, string>> = {
  ERR_UNAUTHORIZED: 'You are no longer signed in. Sign in again.',
  ERR_INVALID_MESSAGE: 'The server did not understand this. Change it and try again.',
  ERR_HANDLER_FAILED: 'The server ran into a problem. Try again in a moment.',
  ERR_FORBIDDEN: 'You may not do this here.',
  ERR_NOT_FOUND: 'It is no longer there.',
  ERR_CONFLICT: 'This exists already.',
  ERR_RATE_LIMIT: 'That was a lot at once. Wait a little, then try again.',
  timeout: 'The server did not answer in time.',
  aborted: 'Cancelled.',
  expired: 'This waited too long for a connection and was not sent.',
  unknown_outcome: 'The connection broke before the answer came. It may have arrived.',
  queue_full: 'Too much is waiting to be sent. Wait until the connection is back.',
  // Length and addresses are checked where they are typed; what is left is NUL, or half of a pair.
  invalid_payload:
    'There is a character in it that cannot be sent, often an invisible one that came with pasted text. Type that part anew.',
  auth_failed: 'Your sign-in has run out. Sign in again.',
  closed: 'The connection was closed.',
  storage_failed:
    'This browser could not keep the message, so it was not sent. Free some space and try again.',
  not_connected: 'The server cannot be reached. Check your connection and try again.',
};

/** Any failure, in words. `own` are better words for some codes, where the situation is known. */
export function problemOf(error: unknown, own: Readonly<Record<string, string>> = {}): Problem {
  const say = (code: string, otherwise: string) => own[code] ?? WORDS[code] ?? otherwise;
  if (error instanceof ApiError) {
    const wait = error.retryAfter === undefined ? '' : ` (${error.retryAfter} s)`;
    return { code: error.code, text: `${say(error.code, error.message)}${wait}`, unknown: false };
  }
  if (error instanceof GoConnectError) {
    const unknown = error.code === 'unknown_outcome' || (error.code === 'timeout' && error.sent);
    return { code: error.code, text: say(error.code, error.remedy), unknown };
  }
  if (error instanceof UnexpectedAnswer) return { code: 'unexpected', text: error.message, unknown: false };
  return {
    code: 'unexpected',
    text: 'Something unexpected happened. Reload the page if it stays.',
    unknown: false,
  };
}
