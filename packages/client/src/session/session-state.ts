import type { SocketEnd } from '../socket/socket.js';
import type { GoConnectError } from '../support/goconnect-error.js';
import type { BackoffOptions } from './backoff.js';
import type { HeartbeatOptions } from './heartbeat.js';
import type { TokenReason } from './token-keeper.js';

/** `v1` where the server selected the session extension, else the published base contract. */
export type Mode = 'base' | 'v1';

/** Steps of one attempt: have a fresh token, open the socket, and on v1 be welcomed. */
export type Phase = 'token' | 'dial' | 'greet';

/** How long there has been no connection: under 5 s a blip, then `lost`, after 2 min `suspended`. */
export interface Away {
  readonly since: number;
  readonly level: 'blip' | 'lost' | 'suspended';
}

/** What outlives single attempts; forgotten after a connection was stable. */
export interface Effort {
  /** Failed attempts in a row. */
  readonly tries: number;
  /** `fresh`: a refused token has already been replaced once; a second refusal is final. */
  readonly auth: 'usual' | 'fresh';
}

/** All times are monotonic milliseconds. */
export type SessionState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting'; readonly phase: Phase; readonly away: Away; readonly effort: Effort }
  | {
      readonly status: 'waiting';
      readonly until: number;
      /** Who set the delay; only our own is cut short by a wake-up. */
      readonly by: 'backoff' | 'server';
      readonly away: Away;
      readonly effort: Effort;
    }
  | { readonly status: 'connected'; readonly mode: Mode; readonly effort: Effort }
  /** Connected, and a successor is being made before the old connection is let go (B5.1). v1 only. */
  | {
      readonly status: 'moving';
      readonly phase: 'rest' | Phase;
      readonly ask: TokenReason;
      /** When the next step is due; the server may have spread its clients by it. */
      readonly until: number;
      readonly effort: Effort;
    }
  | { readonly status: 'failed'; readonly error: GoConnectError }
  | { readonly status: 'closed' };

export type SessionEvent =
  /** The application asks. */
  | { readonly type: 'connect' }
  | { readonly type: 'close' }
  /** A fresh token is in hand; or there will be none (`auth_failed`), or not now. */
  | { readonly type: 'token' }
  | { readonly type: 'no_token'; readonly error: GoConnectError }
  /**
   * The dialled socket opened, with v1 selected or not (also: spoke base without a welcome); it was welcomed, perhaps late; it
   * ended before it was of use.
   */
  | { readonly type: 'opened'; readonly mode: Mode }
  | { readonly type: 'welcomed' }
  | { readonly type: 'fell'; readonly end: SocketEnd }
  /** The connection in use ended. */
  | { readonly type: 'lost'; readonly end: SocketEnd }
  | { readonly type: 'draining'; readonly afterMs: number }
  /** The token of the connection was renewed in place. */
  | { readonly type: 'renewed' }
  /** The token cannot be renewed in place: move to a connection with a new one. */
  | { readonly type: 'move' }
  /** The device woke up or came online; or it says that the network is gone. */
  | { readonly type: 'wake' }
  | { readonly type: 'offline' }
  /** Timers. */
  | { readonly type: 'due_retry' }
  | { readonly type: 'due_connect' }
  | { readonly type: 'due_greet' }
  | { readonly type: 'due_away' }
  | { readonly type: 'due_stable' }
  | { readonly type: 'due_idle' }
  | { readonly type: 'due_probe'; readonly askedAt: number }
  | { readonly type: 'due_renew'; readonly expiresAt: number };

export type SessionEffect =
  /** Feed `then` after `ms`, unless the state is left before. */
  | { readonly run: 'after'; readonly ms: number; readonly then: SessionEvent }
  | { readonly run: 'token'; readonly reason: TokenReason }
  | { readonly run: 'dial' }
  /** The dialled socket takes over in this mode; the one in use, if any, retires. */
  | { readonly run: 'adopt'; readonly mode: Mode }
  /** Let sockets go: only the dialled one; the one in use as dead; all of them politely. */
  | { readonly run: 'drop'; readonly which: 'next' | 'dead' | 'all' }
  | { readonly run: 'ping' }
  | { readonly run: 'renew' }
  | { readonly run: 'tell'; readonly what: 'lost' | 'restored' };

export interface SessionOptions {
  readonly connectTimeoutMs: number;
  readonly backoff: BackoffOptions;
  readonly heartbeat: HeartbeatOptions;
}

/** What the machine may look at besides state and event. */
export interface SessionEnv {
  /** Monotonic milliseconds. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: number;
  /** When anything was last received on the connection in use. */
  readonly heardAt: number;
  /** When the token in hand runs out, and in how long to renew it; undefined: nobody knows. */
  readonly renewal: { readonly expiresAt: number; readonly inMs: number } | undefined;
  readonly options: SessionOptions;
}

export interface SessionStep {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}
