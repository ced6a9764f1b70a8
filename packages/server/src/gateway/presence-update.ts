import type { BusMessage } from '../ports/bus.js';

/** Tells everyone in one of the rooms, once, what a user is now (A4.1). */
export function presenceUpdate(
  userId: string,
  status: 'online' | 'offline',
  since: number,
  rooms: readonly string[],
): BusMessage {
  const data = { user_id: userId, status, since: new Date(since).toISOString() };
  return {
    kind: 'transient',
    audience: { kind: 'rooms', rooms },
    event: { type: 'presence.update', data },
  };
}
