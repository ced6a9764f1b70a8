import type { GoConnectError } from '../support/goconnect-error.js';
import type { Happening } from '../support/trace.js';
import type { ClientState, ClientStatus } from './client-state.js';

/** An answer to "why is nothing happening?" for a person. No token, no body. */
export interface Explanation {
  readonly status: ClientStatus;
  readonly why: string;
  /** What to do; never empty. */
  readonly remedy: string;
  /** Times are wall clock, milliseconds since the epoch. */
  readonly since: number;
  readonly nextRetryAt: number | undefined;
  readonly tokenExpiresAt: number | undefined;
  /** Operations that have not settled, and their size. */
  readonly queue: { readonly operations: number; readonly bytes: number };
  /** Replies that came too late, twice, or to nothing we asked. */
  readonly ignoredReplies: number;
  /** The last ones told through `error`, newest last. */
  readonly lastErrors: readonly GoConnectError[];
  /** The last 256 happenings, newest last. */
  readonly recent: readonly Happening[];
}

const NOTHING = 'Nothing to do.';
const WHY: { readonly [S in ClientStatus]: readonly [why: string, remedy: string] } = {
  idle: ['connect() was not called yet.', 'Call connect().'],
  connecting: ['A connection is being made.', NOTHING],
  connected: ['All is well.', NOTHING],
  waiting: [
    'The last attempt or connection ended; the next attempt is scheduled.',
    'Wait, or check the network and the server.',
  ],
  suspended: [
    'No connection for two minutes; still trying.',
    'Check the network; reload what you show once restored.',
  ],
  failed: ['The server or the token says: stay away.', 'Sign in again, then connect().'],
  closed: ['close() was called.', 'Call connect() if you still need it.'],
};

export function explain(
  state: ClientState,
  rest: Omit<Explanation, 'status' | 'why' | 'remedy' | 'since' | 'nextRetryAt'>,
): Explanation {
  const [why, remedy] = WHY[state.status];
  return {
    status: state.status,
    why: state.error?.message ?? why,
    remedy: state.error?.remedy ?? remedy,
    since: state.since,
    nextRetryAt: state.retryAt,
    ...rest,
  };
}
