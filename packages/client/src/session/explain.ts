import type { SocketEnd } from '../socket/socket.js';
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
  /** While there is no connection: how the last one, or the last attempt, ended that was not ended from here. */
  readonly lastEnd: SocketEnd | undefined;
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

const WHY: { readonly [S in ClientStatus]: readonly [why: string, remedy: string] } = {
  idle: ['Not asked to connect.', 'Call connect().'],
  connecting: ['A connection is being made.', 'Wait.'],
  connected: ['All is well.', 'Nothing to do.'],
  waiting: ['The next attempt is scheduled.', 'Wait, or check url, network and server.'],
  suspended: ['No connection for two minutes.', 'Check the network; reload what you show once restored.'],
  failed: ['The server said to stay away.', 'Sign in again, then connect().'],
  closed: ['close() was called.', 'Call connect() if you still need it.'],
};

type Rest = Omit<Explanation, 'status' | 'why' | 'remedy' | 'since' | 'nextRetryAt'>;

export function explain({ status, since, retryAt, attempt, error }: ClientState, rest: Rest): Explanation {
  const [why, remedy] = WHY[status];
  const { cause } = rest.lastEnd ?? {};
  return {
    status,
    why: error?.message ?? (attempt && cause ? `${why} ${cause}` : why),
    remedy: error?.remedy ?? remedy,
    since,
    nextRetryAt: retryAt,
    ...rest,
  };
}
