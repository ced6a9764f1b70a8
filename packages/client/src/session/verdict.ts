import { type CLOSE_CODES, closeAction } from '@goconnect/protocol/validators';
import type { SocketEnd } from '../socket/socket.js';
import { GoConnectError } from '../support/goconnect-error.js';

/** What follows from the end of a connection or attempt. */
export type Verdict =
  /** Come back, not before `floorMs`. */
  | { readonly kind: 'retry'; readonly floorMs: number }
  /** The token was refused: come back with a fresh one. */
  | { readonly kind: 'reauth' }
  /** Stay away. */
  | { readonly kind: 'stop'; readonly error: GoConnectError };

// Held to the contract by their types; the table itself would be part of every bundle.
const TOKEN_EXPIRED: (typeof CLOSE_CODES)['token_expired'] = 4401;
const TOKEN_INVALID: (typeof CLOSE_CODES)['token_invalid'] = 4501;
const FORBIDDEN: (typeof CLOSE_CODES)['forbidden'] = 4503;

/** No advice parks a client for longer; a server that means it repeats it. */
const ADVICE_MAX_MS = 600_000;

/** Close codes (A7), and the HTTP statuses of a refused upgrade (A5.2) where the platform shows them. */
export function judge({ code, reason, cause, status, retryAfterMs }: SocketEnd): Verdict {
  if (code === TOKEN_EXPIRED || status === 401) return { kind: 'reauth' };
  if (status === 403 || closeAction(code) === 'stay_away') {
    const what = status === 403 || code === FORBIDDEN ? 'ERR_FORBIDDEN' : 'closed';
    const error = new GoConnectError(
      code === TOKEN_INVALID ? 'auth_failed' : what,
      `The server closed for good: ${cause ?? `${status ?? code} ${reason}`}`,
      {
        details: { code, reason, status },
        remedy: status ? 'Have the server allow this origin.' : undefined,
      },
    );
    return { kind: 'stop', error };
  }
  // A close reason has no fields; ours is JSON with `retry_after_ms`.
  const advised = /_after_ms\D{1,4}(\d+)/.exec(reason)?.[1];
  return { kind: 'retry', floorMs: Math.min(ADVICE_MAX_MS, retryAfterMs ?? Number(advised ?? 0)) };
}
