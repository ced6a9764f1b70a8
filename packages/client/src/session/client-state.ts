import type { GoConnectError } from '../support/goconnect-error.js';
import { isUsable, type SessionState } from './session-state.js';

export type ClientStatus =
  | 'idle'
  | 'connecting'
  | 'connected'
  | 'waiting'
  | 'suspended'
  | 'failed'
  | 'closed';

/** What the application sees of the session. */
export interface ClientState {
  /** `suspended`: no connection for 2 min; still trying, but what was missed may not be had any more. */
  readonly status: ClientStatus;
  /** Wall clock, milliseconds since the epoch. */
  readonly since: number;
  /** Failed attempts in a row. */
  readonly attempt?: number;
  /** Wall clock of the next attempt. */
  readonly retryAt?: number;
  /** Why it failed. */
  readonly error?: GoConnectError;
}

/** `before` is kept where nothing that one can see has changed. */
export function clientState(
  state: SessionState,
  before: ClientState,
  wall: number,
  monotonic: number,
): ClientState {
  const away = 'away' in state;
  const usable = state.status === 'leaving' || state.status === 'moving' ? 'connected' : state.status;
  const status = away && state.away.level === 'suspended' ? 'suspended' : usable;
  const next: ClientState = {
    status,
    since: status === before.status ? before.since : wall,
    ...(away && { attempt: state.effort.tries }),
    ...(state.status === 'waiting' && { retryAt: Math.round(wall + state.until - monotonic) }),
    ...(state.status === 'failed' && { error: state.error }),
  };
  const same = status === before.status && next.attempt === before.attempt && next.retryAt === before.retryAt;
  return same ? before : next;
}

/** What a UI shows: `lost` after some seconds without a connection, `restored` when there is one after that. */
export function lostOrRestored(before: SessionState, state: SessionState): 'lost' | 'restored' | undefined {
  const was = 'away' in before ? before.away.level : 'blip';
  if ('away' in state) return was === 'blip' && state.away.level === 'lost' ? 'lost' : undefined;
  return was !== 'blip' && isUsable(state) ? 'restored' : undefined;
}
