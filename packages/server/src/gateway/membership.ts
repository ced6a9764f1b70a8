import { parseRoom } from '@goconnect/protocol';
import type { EventBody, LogEntry } from '../domain/entities.js';
import type { Connection } from './connection.js';
import { OutgoingEvent } from './outgoing-event.js';
import type { Room } from './room.js';
import type { Rooms } from './rooms.js';
import type { Users } from './users.js';

/** The user whom an event is about, and who hears it in whatever rooms (A4.2). */
export function concerned(event: EventBody): string | undefined {
  switch (event.type) {
    case 'member.joined':
    case 'member.left':
    case 'admin.kick':
    case 'admin.ban':
      return event.data.user_id;
    default:
      return undefined;
  }
}

export interface MembershipDeps {
  readonly rooms: Rooms;
  readonly users: Users;
  readonly now: () => number;
}

/**
 * Passes a room's next entry on. Who is in the room follows from the entries themselves, so that joining and being
 * removed have a place in the room's order (A3.2, A4.2): a `member.joined` is the first entry its user gets, a
 * `member.left` the last.
 */
export function passEntry(deps: MembershipDeps, room: Room, entry: LogEntry): void {
  const outgoing = new OutgoingEvent(entry);
  const userId = concerned(entry);
  const { tenantId } = entry;
  // Who has the same id in another tenant is somebody else (A3.3).
  const user =
    userId === undefined || tenantId === undefined ? undefined : deps.users.get({ userId, tenantId });
  const here = user ? [...user.connections] : [];
  const open = here.filter((connection) => connection.status === 'open');

  if (entry.type === 'member.joined') {
    if (user) deps.users.member(user, room.name, 'in');
    user?.removed.forget(room.name);
    for (const connection of open) join(deps, connection, room, entry);
  }
  room.pass(outgoing, deps.now());
  for (const connection of here) tellOutside(connection, room, outgoing);
  if (entry.type === 'member.left') {
    if (user) deps.users.member(user, room.name, 'out');
    user?.removed.note(room.name, entry.seq);
    for (const connection of open) remove(deps, connection, room, entry.seq);
    for (const connection of here) connection.left.delete(room.name);
  }
}

/**
 * Somebody joined, and before this node heard of it somebody else brought their room here from beyond that entry. Nothing
 * can put the one who joined into the room any more, so they come back and find themselves in it; or not, if they were
 * removed since, of which this node knows as little.
 */
export function missEntry({ users }: MembershipDeps, room: Room, entry: LogEntry): void {
  const { type, tenantId } = entry;
  const userId = type === 'member.joined' ? concerned(entry) : undefined;
  const user = userId === undefined || tenantId === undefined ? undefined : users.get({ userId, tenantId });
  for (const connection of [...(user?.connections ?? [])])
    if (!room.has(connection) && !connection.left.has(room.name)) connection.close('internal_error');
}

/**
 * Applies entries about the user that came while its rooms were being read. Those that the reading saw already are
 * no news.
 */
export function applyEarly(
  deps: MembershipDeps,
  connection: Connection,
  events: readonly OutgoingEvent[],
): void {
  for (const outgoing of events) {
    const { event } = outgoing;
    const room = 'seq' in event ? deps.rooms.get(event.room) : undefined;
    if (!room || !('seq' in event)) {
      connection.sendEvent(outgoing);
      continue;
    }
    if (event.type === 'member.joined') join(deps, connection, room, event);
    if (!room.has(connection)) connection.sendEvent(outgoing);
    else if (event.type === 'member.left') remove(deps, connection, room, event.seq);
  }
}

function join({ rooms }: MembershipDeps, connection: Connection, room: Room, entry: LogEntry): void {
  const parked = room.parked(connection);
  if (parked?.removedAt !== undefined && parked.removedAt < entry.seq) parked.removedAt = undefined;
  if (room.has(connection)) return;
  const { parked: entered } = rooms.enter(connection, {
    room: room.name,
    epoch: entry.epoch,
    seq: entry.seq - 1,
  });
  // Live, this entry is the next; early, the caller catches the connection up.
  if (entered.after === room.seq) room.follow(connection);
}

function remove({ rooms }: MembershipDeps, connection: Connection, room: Room, seq: number): void {
  const parked = room.parked(connection);
  if (!parked) {
    if (room.has(connection)) rooms.leave(connection, room);
    return;
  }
  // It entered after it was removed: what it read then is newer.
  if (seq <= parked.after) return;
  if (parked.mode === 'ahead') rooms.leave(connection, room);
  else parked.removedAt = seq;
}

function tellOutside(connection: Connection, room: Room, outgoing: OutgoingEvent<LogEntry>): void {
  if (connection.status === 'open' && !room.has(connection)) connection.sendEvent(outgoing);
  else if (connection.status === 'opening' && !connection.early.event(outgoing))
    connection.close('internal_error');
}

/** A room that follows from membership or the token, and where others are told of one's presence. `host` is not: it has strangers of other tenants in it (A3.3). */
export function showsPresence(room: string): boolean {
  return parseRoom(room)?.kind !== 'host';
}
