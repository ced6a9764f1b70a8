import type { GoConnectError } from '../support/goconnect-error.js';
import type { RequestFunction } from './requests.js';

/** Rooms that the application entered or left on its own, beyond those where the server puts it. */
export interface Memberships {
  wants(room: string): boolean;
  entered(room: string): void;
  left(room: string): void;
  /** Does the same again on a new connection; `present` are the rooms where the server says we are. */
  restore(present: ReadonlySet<string> | undefined): void;
}

export function createMemberships(
  request: RequestFunction,
  onError: (error: GoConnectError) => void,
): Memberships {
  const wishes = new Map<string, 'in' | 'out'>();
  return {
    wants: (room) => wishes.get(room) === 'in',
    entered: (room) => void wishes.set(room, 'in'),
    left: (room) => void wishes.set(room, 'out'),
    restore(present) {
      for (const [room, wish] of wishes) {
        // A base server does not say where we are: ask for everything.
        if (present && present.has(room) === (wish === 'in')) continue;
        request(wish === 'in' ? 'room.join' : 'room.leave', { room }).catch((error: GoConnectError) => {
          if (!error.code.startsWith('ERR_')) return;
          wishes.delete(room);
          onError(error);
        });
      }
    },
  };
}
