import type { Denial, Frame } from './frame.js';

/** How an implementation differs from the standard where programs notice. */
export type SocketVariant =
  /** As the WHATWG standard says: a failed handshake fires `error`, then `close` with 1006. */
  | 'browser'
  /** Node's built-in WebSocket: a failed handshake fires `error` and never `close`. */
  | 'undici'
  /** The package `ws`: as the standard, and the error says why. */
  | 'ws';

export type SocketState =
  /** `offers`: the client offered subprotocols. */
  | { readonly status: 'connecting'; readonly offers: boolean }
  | { readonly status: 'open'; readonly protocol: string }
  /** `opened` is false when the application closed before the handshake was done. */
  | { readonly status: 'closing'; readonly protocol: string; readonly opened: boolean }
  | { readonly status: 'closed'; readonly protocol: string };

export type SocketInput =
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** The network lost the connection, or never made it. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** The application closes. */
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  /** The application drops the connection without a handshake; servers only. */
  | { readonly kind: 'terminate' };

export type SocketEffect =
  | { readonly kind: 'transmit'; readonly frame: Frame }
  /** Ends the connection below. */
  | { readonly kind: 'release' }
  /** Comes back with `input` in a later turn: the standard fires no event inside `close()`. */
  | { readonly kind: 'later'; readonly input: SocketInput }
  | { readonly kind: 'open' | 'pong' }
  | { readonly kind: 'message'; readonly data: string | Uint8Array }
  /** The handshake was refused, and so; `error` follows. */
  | { readonly kind: 'denied'; readonly denial: Denial }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string; readonly wasClean: boolean };

export interface SocketStep {
  readonly state: SocketState;
  readonly effects: readonly SocketEffect[];
}

/** The code of a close that nobody sent. */
const ABNORMAL = 1006;

/** One end of a WebSocket connection: what happens next, and what the program sees of it. Pure. */
export function socketStep(state: SocketState, input: SocketInput, variant: SocketVariant): SocketStep {
  switch (state.status) {
    case 'connecting':
      return whileConnecting(state, input, variant);
    case 'open':
      return whileOpen(state, input, variant);
    case 'closing':
      return whileClosing(state, input, variant);
    case 'closed':
      return { state, effects: [] };
  }
}

function whileConnecting(
  state: SocketState & { readonly status: 'connecting' },
  input: SocketInput,
  variant: SocketVariant,
): SocketStep {
  switch (input.kind) {
    case 'close':
      return {
        state: { status: 'closing', protocol: '', opened: false },
        effects: [
          { kind: 'release' },
          {
            kind: 'later',
            input: { kind: 'lost', reason: 'WebSocket was closed before the connection was established' },
          },
        ],
      };
    case 'frame':
      if (input.frame.kind === 'accepted') return accepted(state, input.frame.protocol, variant);
      if (input.frame.kind === 'denied') return denied(input.frame, variant);
      if (input.frame.kind === 'broken' || input.frame.kind === 'end')
        return handshakeFailed('socket hang up', variant);
      return { state, effects: [] };
    case 'lost':
      return handshakeFailed(input.reason, variant);
    case 'terminate':
      return handshakeFailed('terminated', variant);
  }
}

/**
 * Browsers and ws fail a connection whose server selected none of the subprotocols they offered; undici goes on. (The
 * WHATWG standard is stricter here than RFC 6455.)
 */
function accepted(
  state: SocketState & { readonly status: 'connecting' },
  protocol: string,
  variant: SocketVariant,
): SocketStep {
  if (state.offers && protocol === '' && variant !== 'undici')
    return handshakeFailed('Server sent no subprotocol', variant);
  return { state: { status: 'open', protocol }, effects: [{ kind: 'open' }] };
}

function whileOpen(
  state: SocketState & { readonly protocol: string },
  input: SocketInput,
  variant: SocketVariant,
): SocketStep {
  const { protocol } = state;
  switch (input.kind) {
    case 'close':
      return {
        state: { status: 'closing', protocol, opened: true },
        effects: [{ kind: 'transmit', frame: { kind: 'close', code: input.code, reason: input.reason } }],
      };
    case 'terminate':
      return {
        state: { status: 'closing', protocol, opened: true },
        effects: [{ kind: 'release' }, { kind: 'later', input: { kind: 'lost', reason: 'terminated' } }],
      };
    case 'lost':
      return brokenOff(protocol, input.reason, variant);
    case 'frame':
      return received(state, input.frame, variant);
  }
}

function received(
  state: SocketState & { readonly protocol: string },
  frame: Frame,
  variant: SocketVariant,
): SocketStep {
  switch (frame.kind) {
    case 'text':
    case 'binary':
      return { state, effects: [{ kind: 'message', data: frame.data }] };
    case 'ping':
      return { state, effects: [{ kind: 'transmit', frame: { kind: 'pong' } }] };
    case 'pong':
      return { state, effects: [{ kind: 'pong' }] };
    case 'close':
      // Each side answers a close frame with one of its own, then is done.
      return cleanClose(state.protocol, frame, [{ kind: 'transmit', frame }]);
    case 'garbled': {
      const step = brokenOff(state.protocol, 'Invalid UTF-8 in a text frame', variant);
      return {
        ...step,
        effects: [{ kind: 'transmit', frame: { kind: 'close', code: 1007, reason: '' } }, ...step.effects],
      };
    }
    case 'broken':
    case 'end':
      return brokenOff(state.protocol, 'Connection ended without a close frame', variant);
    default:
      return { state, effects: [] };
  }
}

function whileClosing(
  state: SocketState & { readonly status: 'closing' },
  input: SocketInput,
  variant: SocketVariant,
): SocketStep {
  if (input.kind === 'terminate') {
    return {
      state,
      effects: [{ kind: 'release' }, { kind: 'later', input: { kind: 'lost', reason: 'terminated' } }],
    };
  }
  if (input.kind === 'lost') return lostWhileClosing(state, input.reason, variant);
  if (input.kind === 'close') return { state, effects: [] };
  switch (input.frame.kind) {
    case 'close':
      return cleanClose(state.protocol, input.frame, [{ kind: 'release' }]);
    case 'broken':
    case 'end':
    case 'garbled':
      return lostWhileClosing(state, 'Connection ended during the closing handshake', variant);
    default:
      // The standard drops messages that arrive after close() was called.
      return { state, effects: [] };
  }
}

function lostWhileClosing(
  state: SocketState & { readonly status: 'closing' },
  reason: string,
  variant: SocketVariant,
): SocketStep {
  return state.opened ? brokenOff(state.protocol, reason, variant) : handshakeFailed(reason, variant);
}

function denied(denial: Denial, variant: SocketVariant): SocketStep {
  const { state, effects } = handshakeFailed(`Unexpected server response: ${denial.status}`, variant);
  return { state, effects: [{ kind: 'denied', denial }, ...effects] };
}

function handshakeFailed(message: string, variant: SocketVariant): SocketStep {
  const closed: SocketEffect = { kind: 'closed', code: ABNORMAL, reason: '', wasClean: false };
  return {
    state: { status: 'closed', protocol: '' },
    effects: [{ kind: 'error', message }, ...(variant === 'undici' ? [] : [closed]), { kind: 'release' }],
  };
}

/** Browsers fire `error` before such a `close`; undici and ws do not. */
function brokenOff(protocol: string, message: string, variant: SocketVariant): SocketStep {
  const error: SocketEffect = { kind: 'error', message };
  return {
    state: { status: 'closed', protocol },
    effects: [
      ...(variant === 'browser' ? [error] : []),
      { kind: 'closed', code: ABNORMAL, reason: '', wasClean: false },
      { kind: 'release' },
    ],
  };
}

function cleanClose(
  protocol: string,
  frame: { readonly code: number; readonly reason: string },
  first: readonly SocketEffect[],
): SocketStep {
  const { code, reason } = frame;
  return {
    state: { status: 'closed', protocol },
    effects: [...first, { kind: 'closed', code, reason, wasClean: true }],
  };
}
