import type { EventBody } from '../domain/entities.js';
import type { Audience } from '../ports/bus.js';
import { OutgoingEvent } from './outgoing-event.js';
import type { Room } from './room.js';
import type { Rooms } from './rooms.js';
import type { Users } from './users.js';

/** Tells an audience something that has no place in any room's order. */
export function tell(
  here: { readonly rooms: Rooms; readonly users: Users },
  audience: Audience,
  event: EventBody,
): void {
  const outgoing = new OutgoingEvent(event);
  switch (audience.kind) {
    case 'room':
      tellRooms(here.rooms, [audience.room], outgoing);
      break;
    case 'rooms':
      tellRooms(here.rooms, audience.rooms, outgoing);
      break;
    case 'users':
      tellUsers(here.users, audience, outgoing);
      break;
  }
}

/** Everyone in the first room at once; in the others whoever was in none before. */
function tellRooms(rooms: Rooms, names: readonly string[], outgoing: OutgoingEvent): void {
  const told: Room[] = [];
  for (const name of names) {
    const room = rooms.get(name);
    if (!room) continue;
    if (told.length === 0) room.say(outgoing);
    else room.sayTo(outgoing, (listener) => !told.some((earlier) => earlier.has(listener)));
    told.push(room);
  }
}

function tellUsers(
  users: Users,
  { tenantId, userIds }: Extract<Audience, { kind: 'users' }>,
  outgoing: OutgoingEvent,
): void {
  for (const userId of userIds) {
    for (const connection of [...(users.get({ tenantId, userId })?.connections ?? [])]) {
      if (connection.status === 'open') connection.sendEvent(outgoing);
      else if (connection.status === 'opening' && !connection.early.event(outgoing))
        connection.close('internal_error');
    }
  }
}
