import { CLOSE_CODES, type ErrorCode } from '@goconnect/protocol';
import type { Refusal } from '../ports/gateway.js';
import { KEYS_RETRY_MS, type TokenFault } from '../ports/tokens.js';

/** The database is looked after every second, and clients are many. */
const UNAVAILABLE_RETRY_MS = 5_000;

/** Why an upgrade comes to nothing, in the words of HTTP and, where a v1 client is told so instead, as a close (B1.3). */
export interface UpgradeRefusal {
  /** For logs and metrics. */
  readonly reason: RefusalReason;
  readonly status: number;
  readonly body: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
  readonly retryAfterMs?: number;
  /** Only for what browsers could not read of a failed upgrade and must know: about tokens and places of the user. */
  readonly close?: { readonly code: number; readonly reason: string };
}

export type RefusalReason =
  | TokenFault
  | Refusal['why']
  | 'unverifiable'
  | 'unavailable'
  | 'origin'
  | 'no_such_path'
  | 'bad_client_id'
  | 'no_handshake';

type Details = UpgradeRefusal['body']['details'];

function refusal(
  reason: RefusalReason,
  status: number,
  code: ErrorCode,
  message: string,
  details: Details = {},
): UpgradeRefusal {
  return { reason, status, body: { code, message, details } };
}

function tokenRefusal(
  fault: TokenFault | 'revoked',
  message: string,
  close: 'token_expired' | 'token_invalid',
): UpgradeRefusal {
  return {
    ...refusal(fault, 401, 'ERR_UNAUTHORIZED', message, { reason: fault }),
    close: { code: CLOSE_CODES[close], reason: close },
  };
}

/** The texts are fixed: none of them can hold a token (A5.5). */
export const REFUSALS = {
  no_such_path: refusal('no_such_path', 404, 'ERR_NOT_FOUND', 'WebSocket connections are accepted at /v1/ws'),
  bad_client_id: refusal(
    'bad_client_id',
    400,
    'ERR_INVALID_MESSAGE',
    'client_id must be 1-64 of A-Z, a-z, 0-9, _ and -',
    {
      field: 'client_id',
    },
  ),
  no_handshake: refusal(
    'no_handshake',
    400,
    'ERR_INVALID_MESSAGE',
    'A WebSocket handshake is a GET with Sec-WebSocket-Key and Sec-WebSocket-Version: 13',
    { reason: 'no_handshake' },
  ),
  origin: refusal('origin', 403, 'ERR_FORBIDDEN', 'Pages of this origin may not connect', {
    reason: 'origin',
  }),
  missing: tokenRefusal('missing', 'An access token is required', 'token_invalid'),
  malformed: tokenRefusal('malformed', 'The access token cannot be read', 'token_invalid'),
  invalid: tokenRefusal('invalid', 'The access token is not valid here', 'token_invalid'),
  expired: tokenRefusal('expired', 'The access token has run out', 'token_expired'),
  revoked: tokenRefusal('revoked', 'The login of this access token was ended', 'token_expired'),
  unverifiable: {
    ...refusal('unverifiable', 503, 'ERR_HANDLER_FAILED', 'Access tokens cannot be checked now; try again'),
    retryAfterMs: KEYS_RETRY_MS,
  },
  unavailable: {
    ...refusal('unavailable', 503, 'ERR_HANDLER_FAILED', 'Nobody can be let in now; try again'),
    retryAfterMs: UNAVAILABLE_RETRY_MS,
  },
} as const satisfies Record<
  | TokenFault
  | 'revoked'
  | 'no_such_path'
  | 'bad_client_id'
  | 'no_handshake'
  | 'origin'
  | 'unverifiable'
  | 'unavailable',
  UpgradeRefusal
>;

/** A7: the reason of 4429 carries the time. */
function tooMany(
  why: Refusal['why'],
  message: string,
  details: Details,
  retryAfterMs: number,
): UpgradeRefusal {
  return {
    ...refusal(why, 429, 'ERR_RATE_LIMIT', message, details),
    retryAfterMs,
    close: {
      code: CLOSE_CODES.too_many_connections,
      reason: JSON.stringify({ retry_after_ms: retryAfterMs }),
    },
  };
}

export function gatewayRefusal({ why, retryAfterMs }: Refusal): UpgradeRefusal {
  const details = { reason: why, retry_after_ms: retryAfterMs };
  switch (why) {
    case 'revoked':
      return REFUSALS.revoked;
    case 'too_many_connections':
      return tooMany(why, 'Too many connections of this user', details, retryAfterMs);
    case 'connect_rate':
      return tooMany(why, 'Too many new connections from this address', details, retryAfterMs);
    case 'draining':
      return {
        ...refusal(
          why,
          503,
          'ERR_HANDLER_FAILED',
          'The server is about to go; another one is coming',
          details,
        ),
        retryAfterMs,
      };
    case 'full':
      return {
        ...refusal(why, 503, 'ERR_HANDLER_FAILED', 'The server has no place left; try again', details),
        retryAfterMs,
      };
  }
}
