import type { Clock, Random } from '@goconnect/protocol/validators';
import { type BackoffOptions, backoffDelay } from '../session/backoff.js';
import type { GoConnectError } from '../support/goconnect-error.js';
import { createScope, type Scope } from '../support/scope.js';
import type { RequestFunction } from './requests.js';

export interface MembershipPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly backoff: BackoffOptions;
  readonly restore: RequestFunction;
  onError(error: GoConnectError): void;
}

/** Rooms that the application entered or left on its own, beyond those where the server puts it. */
export interface Memberships {
  wants(room: string): boolean;
  entered(room: string): void;
  left(room: string): void;
  /** Does the same again on a new connection; `present` are the rooms where the server says we are. */
  restore(present: ReadonlySet<string> | undefined): void;
  /** The connection is gone: what was asked for on it is to be asked for on the next. */
  cut(): void;
}

export function createMemberships(ports: MembershipPorts): Memberships {
  const { clock, random, backoff, onError } = ports;
  const wishes = new Map<string, 'in' | 'out'>();
  /** By room, what is under way on the connection in use. */
  const asking = new Map<string, Scope>();

  /** Until it is so, or the server has said for good that it will not be, which is told. */
  const ask = (room: string, wish: 'in' | 'out', tries = 0): void => {
    if (wishes.get(room) !== wish) return;
    const scope = createScope(clock);
    const { signal } = scope;
    asking.set(room, scope);
    const type = wish === 'in' ? 'room.join' : 'room.leave';
    ports.restore(type, { room }, { signal }).catch((error: GoConnectError) => {
      if (signal.aborted) return;
      if (error.retryable)
        scope.after(backoffDelay(tries, random(), backoff), () => ask(room, wish, tries + 1));
      else if (wishes.get(room) === wish) wishes.delete(room);
      onError(error);
    });
  };
  const cut = (): void => {
    for (const scope of asking.values()) scope.end();
    asking.clear();
  };

  return {
    wants: (room) => wishes.get(room) === 'in',
    entered: (room) => void wishes.set(room, 'in'),
    left: (room) => void wishes.set(room, 'out'),
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
