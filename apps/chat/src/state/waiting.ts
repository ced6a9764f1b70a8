import type { Workspace } from './workspace.js';

/** Messages and changes that the server has not answered yet, in all rooms. */
export function waitingCount(state: Workspace): number {
  const inRoom = ({ outgoing, changes }: Workspace['rooms'][string]) =>
    outgoing.filter(({ delivery }) => delivery.status === 'pending').length +
    Object.values(changes).filter(({ status }) => status === 'pending').length;
  return Object.values(state.rooms).reduce((sum, room) => sum + inRoom(room), 0);
}
