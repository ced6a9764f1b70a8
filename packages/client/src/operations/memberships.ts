import type { Clock, Random } from '@goconnect/protocol/validators';
import { type BackoffOptions, backoffDelay } from '../session/backoff.js';
import { GoConnectError } from '../support/goconnect-error.js';
import { createScope, type Scope } from '../support/scope.js';
import type { RequestFunction } from './request-options.js';

export interface MembershipPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly backoff: BackoffOptions;
  readonly restore: RequestFunction;
  /** The server will not have us in a room where we were. */
  onDenied(room: string): void;
  /** Nothing more will be done to enter a room. */
  onNoMore(): void;
  onError(error: GoConnectError): void;
}

/** Rooms that the application entered or left on its own, beyond those where the server puts it. */
export interface Memberships {
  wants(room: string): boolean;
  /** It was left, and will be left again where the server puts us there. */
  leaves(room: string): boolean;
  /** It is being entered again, or will be after a pause. */
  enters(room: string | undefined): boolean;
  entered(room: string): void;
  left(room: string): void;
  /** Does the same again on a new connection; `present` are the rooms where the server says we are. */
  restore(present: ReadonlySet<string> | undefined): void;
  /** The connection is gone: what was asked for on it is to be asked for on the next. */
  cut(): void;
}

type Wish = 'in' | 'out';

export function createMemberships(ports: MembershipPorts): Memberships {
  const { clock, random, backoff, onDenied, onNoMore, onError } = ports;
  const wishes = new Map<string, Wish>();
  /** By room, what is under way on the connection in use. */
  const asking = new Map<string, { readonly wish: Wish; readonly scope: Scope }>();

  /** Until it is so, or the server has said for good that it will not be, which is told. */
  const ask = (room: string, wish: Wish, tries = 0): void => {
    const scope = createScope(clock);
    const { signal } = scope;
    asking.set(room, { wish, scope });
    const type = wish === 'in' ? 'room.join' : 'room.leave';
    ports.restore(type, { room }, { signal }).catch((error: GoConnectError) => {
      if (signal.aborted) return;
      const { code, message, sent, opId, details, retryable, cause } = error;
      onError(new GoConnectError(code, message, { sent, opId, cause, details: { ...details, room } }));
      if (retryable) {
        scope.after(backoffDelay(tries, random(), backoff), () => ask(room, wish, tries + 1));
        return;
      }
      asking.delete(room);
      // Nothing but the server can say so.
      if (code.startsWith('ERR_')) {
        wishes.delete(room);
        if (wish === 'in') onDenied(room);
      }
      onNoMore();
    });
  };
  /** What the application asked for and got counts. Where we were asking for the opposite, that may take effect behind it: so once more. */
  const wished = (room: string, wish: Wish): void => {
    const before = asking.get(room);
    before?.scope.end();
    asking.delete(room);
    wishes.set(room, wish);
    if (before && before.wish !== wish) ask(room, wish);
  };
  const cut = (): void => {
    for (const { scope } of asking.values()) scope.end();
    asking.clear();
  };

  return {
    wants: (room) => wishes.get(room) === 'in',
    leaves: (room) => wishes.get(room) === 'out',
    enters: (room) => asking.get(room ?? '')?.wish === 'in',
    entered: (room) => wished(room, 'in'),
    left: (room) => wished(room, 'out'),
    restore(present) {
      cut();
      for (const [room, wish] of wishes) {
        // A base server does not say where we are: ask for everything.
        if (!present || present.has(room) !== (wish === 'in')) ask(room, wish);
      }
    },
    cut,
  };
}
