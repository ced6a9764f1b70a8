import type { EventBody } from '../domain/entities.js';

/** What a user is now, and where that shows (A4.1). */
export interface PresenceUpdate {
  readonly userId: string;
  readonly status: 'online' | 'offline';
  /** Wall clock, milliseconds. */
  readonly since: number;
  readonly rooms: readonly string[];
}

export function presenceEvent({ userId, status, since }: PresenceUpdate): EventBody {
  return {
    type: 'presence.update',
    data: { user_id: userId, status, since: new Date(since).toISOString() },
  };
}
