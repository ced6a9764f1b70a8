import type { Clock } from '@goconnect/protocol';
import type { Change } from './elsewhere.js';
import type { PresenceUpdate } from './presence-update.js';
import type { Users } from './users.js';

export interface PresenceElsewhereDeps {
  readonly users: Pick<Users, 'isHere' | 'noteLastSeen'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Tells those who are on this node. */
  readonly tell: (update: PresenceUpdate) => void;
}

/**
 * Tells those who are on this node when users of other nodes come and go (A4.1). Each node does so by what it knows, and learns
 * whatever it missed when it hears the others again: so nobody is left with what is no longer true.
 */
export function tellElsewhere(deps: PresenceElsewhereDeps, change: Change): void {
  const { actor, before, after, rooms } = change;
  if ((before === undefined) === (after === undefined) || deps.users.isHere(actor)) return;
  const { userId } = actor;
  if (after !== undefined) {
    deps.tell({ userId, status: 'online', since: after, rooms });
    return;
  }
  const since = change.goneAt ?? deps.clock.now();
  deps.users.noteLastSeen(actor, since);
  deps.tell({ userId, status: 'offline', since, rooms });
}
