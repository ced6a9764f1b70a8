/**
 * One connection's life.
 *
 * - `opening`: its rooms are being read; what it sends waits, what it should hear is in the rooms' windows.
 * - `open`: it is in its rooms.
 * - `closing`: our close frame is out; it hears nothing more and nobody listens to it.
 * - `closed`: gone.
 */
export type ConnectionState =
  | { readonly status: 'opening' }
  | { readonly status: 'open' }
  | { readonly status: 'closing'; readonly code: number }
  | { readonly status: 'closed'; readonly code: number };

export type ConnectionEvent =
  | { readonly type: 'rooms_read' }
  | { readonly type: 'close'; readonly code: number; readonly reason: string }
  /** The other side cannot be talked to any more: no handshake, just the end. */
  | { readonly type: 'give_up' }
  | { readonly type: 'close_unanswered' }
  | { readonly type: 'socket_closed'; readonly code: number };

export type ConnectionEffect =
  | { readonly type: 'enter_rooms' }
  /** Leave all rooms and stop listening; tell presence how it ended. */
  | { readonly type: 'fall_silent'; readonly code: number }
  | { readonly type: 'send_close'; readonly code: number; readonly reason: string }
  | { readonly type: 'await_close' }
  | { readonly type: 'terminate' }
  /** The socket is no more. */
  | { readonly type: 'release' };

export interface ConnectionStep {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

/** One for all: each delivery looks at it. */
const OPEN: ConnectionState = { status: 'open' };

/** The close code of a connection that simply went away (RFC 6455 7.1.5). */
const ABNORMAL = 1006;

export function stepConnection(state: ConnectionState, event: ConnectionEvent): ConnectionStep {
  switch (state.status) {
    case 'opening':
      if (event.type === 'rooms_read') return { state: OPEN, effects: [{ type: 'enter_rooms' }] };
      return end(state, event);
    case 'open':
      return end(state, event);
    case 'closing':
      if (event.type === 'socket_closed') return gone(state.code);
      if (event.type === 'close_unanswered' || event.type === 'give_up')
        return gone(state.code, { type: 'terminate' });
      return stay(state);
    case 'closed':
      return stay(state);
  }
}

function end(state: ConnectionState, event: ConnectionEvent): ConnectionStep {
  switch (event.type) {
    case 'close': {
      const { code, reason } = event;
      const effects: ConnectionEffect[] = [
        { type: 'fall_silent', code },
        { type: 'send_close', code, reason },
        { type: 'await_close' },
      ];
      return { state: { status: 'closing', code }, effects };
    }
    case 'give_up':
      return gone(ABNORMAL, { type: 'fall_silent', code: ABNORMAL }, { type: 'terminate' });
    case 'socket_closed':
      return gone(event.code, { type: 'fall_silent', code: event.code });
    default:
      return stay(state);
  }
}

function gone(code: number, ...before: readonly ConnectionEffect[]): ConnectionStep {
  return { state: { status: 'closed', code }, effects: [...before, { type: 'release' }] };
}

function stay(state: ConnectionState): ConnectionStep {
  return { state, effects: [] };
}
