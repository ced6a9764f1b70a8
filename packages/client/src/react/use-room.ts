import type { Room } from '../operations/room.js';
import { useClient } from './provider.js';

/** The handle of a room: the same object for the same name, so it may stand in dependency lists. Neither joins nor leaves. */
export function useRoom(name: string): Room {
  return useClient().room(name);
}
