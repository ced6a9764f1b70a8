/** A `CloseEvent`, which Node has only from 23 on. */
export class SocketCloseEvent extends Event {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;

  constructor(init: { readonly code: number; readonly reason: string; readonly wasClean: boolean }) {
    super('close');
    this.code = init.code;
    this.reason = init.reason;
    this.wasClean = init.wasClean;
  }
}

/** A plain `error` event; undici and ws add a message, browsers tell nothing. */
export class SocketErrorEvent extends Event {
  readonly message: string;

  constructor(message: string) {
    super('error');
    this.message = message;
  }
}

/** Events of a WebSocket by name. */
export interface SocketEventMap {
  readonly open: Event;
  readonly message: MessageEvent;
  readonly error: SocketErrorEvent;
  readonly close: SocketCloseEvent;
}

/** A mistake of the caller, as the WHATWG standard names it. */
export function domException(
  name: 'SyntaxError' | 'InvalidStateError' | 'InvalidAccessError',
  message: string,
): DOMException {
  return new DOMException(message, name);
}
