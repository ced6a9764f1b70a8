import type { Terms } from '../socket/negotiation.js';
import type { SocketEnd } from '../socket/socket.js';
import type { GoConnectError } from '../support/goconnect-error.js';
import type { BackoffOptions } from './backoff.js';
import type { TokenReason } from './token-keeper.js';

/** `v1` where the server speaks the session extension, else the published base contract. */
export type Mode = 'base' | 'v1';

/** Steps of one attempt: have a fresh token, open the socket, and on v1 be welcomed. */
export type Phase = 'token' | 'dial' | 'greet';

/** How long there has been no connection: under 5 s a blip, then `lost`, after 2 min `suspended`. */
export interface Away {
  readonly since: number;
  readonly level: 'blip' | 'lost' | 'suspended';
}

/** What outlives single attempts. */
export interface Effort {
  /** Failed attempts in a row; forgotten after a connection was stable. */
  readonly tries: number;
  /** `fresh`: a refused token has already been replaced; a second refusal is final. Forgotten when one is accepted. */
  readonly auth: 'usual' | 'fresh';
  /** `tries` when the drain of the connection in use began: who comes after that server owes nothing to its refusals. */
  readonly drained?: number | undefined;
}

/** How a connection in use is to be replaced. */
export interface Departure {
  readonly ask: TokenReason;
  /** `v1_only`: it does without v1, and is worth leaving only for that. */
  readonly terms: Terms;
  readonly effort: Effort;
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
  /** Connected, and at `until` a successor will be dialled: the server drains, the token runs out, or there may be v1. */
  | ({ readonly status: 'leaving'; readonly until: number } & Departure)
  /** Connected, and the successor is being made; only then the old connection is let go (B5.1). */
  | ({ readonly status: 'moving'; readonly phase: Phase } & Departure)
  | { readonly status: 'failed'; readonly error: GoConnectError }
  | { readonly status: 'closed' };

/** There is a connection in use. */
export function isUsable({ status }: SessionState): boolean {
  return status === 'connected' || status === 'leaving' || status === 'moving';
}

export type SessionEvent =
  /** The application asks. */
  | readonly ['connect']
  | readonly ['close']
  /** A fresh token is in hand; or there will be none (`auth_failed`), or not now. */
  | readonly ['token']
  | readonly ['no_token', error: GoConnectError]
  /** There is no WebSocket to dial with. */
  | readonly ['no_socket']
  /** The dialled socket opened: v1 was selected, or not (also: it spoke without a welcome). */
  | readonly ['opened', mode: Mode]
  /** The dialled socket was welcomed; or the one in use was, late. */
  | readonly ['welcomed']
  /** The dialled socket ended before it was of use. */
  | readonly ['fell', end: SocketEnd]
  /** The connection in use ended. */
  | readonly ['lost', end: SocketEnd]
  | readonly ['draining', afterMs: number]
  /** The token of the connection was renewed in place. */
  | readonly ['renewed']
  /** The token cannot be renewed in place: move to a connection with a new one. */
  | readonly ['move']
  /** The device woke up or came online; or it says that the network is gone. */
  | readonly ['wake']
  | readonly ['offline']
  /** Timers. */
  | readonly ['due_retry']
  | readonly ['due_connect']
  | readonly ['due_greet']
  | readonly ['due_away']
  | readonly ['due_stable']
  | readonly ['due_idle']
  | readonly ['due_probe', askedAt: number]
  | readonly ['due_renew', expiresAt: number];

export type SessionEffect =
  /** Feed the event after `ms`, unless the state is left before; `due_idle` and `due_probe`: unless the connection in use is. */
  | readonly ['after', ms: number, event: SessionEvent]
  | readonly ['token', reason: TokenReason]
  | readonly ['dial', terms: Terms]
  /** The dialled socket takes over in this mode; the one in use, if any, retires. */
  | readonly ['adopt', mode: Mode]
  /** Let sockets go: only the dialled one; that and the one in use as dead; all of them politely. */
  | readonly ['drop', which: 'next' | 'dead' | 'all']
  | readonly ['ping']
  | readonly ['renew'];

/** Milliseconds. */
export interface HeartbeatOptions {
  /** A connection on which nothing was answered for so long is asked for a sign of life, whatever events arrive. */
  readonly idleMs: number;
  /** How long the answer may take. */
  readonly timeoutMs: number;
  /** The same after a wake-up, when a person is waiting. */
  readonly probeMs: number;
}

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
  /** When the connection in use last carried something both ways: an answer, or its beginning. */
  readonly answeredAt: number;
  /** When the token in hand runs out, and in how long to renew it; undefined: nobody knows. */
  readonly renewal: { readonly expiresAt: number; readonly inMs: number } | undefined;
  /**
   * `yes`: this server welcomed us before, so it will again; a late welcome does not make it a base server. `perhaps`: it let us in
   * only without v1, and nobody said why.
   */
  readonly greets: 'yes' | 'perhaps' | 'unknown';
  readonly options: SessionOptions;
}

/** The state that follows, and what to do in this order. */
export type SessionStep = readonly [state: SessionState, ...effects: readonly SessionEffect[]];
