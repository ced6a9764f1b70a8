import type { LogEntry } from '../domain/entities.js';
import type { RoomOperations } from '../operations/operations.js';
import { withinBytes } from '../operations/within-bytes.js';
import { BOUNDS } from './bounds.js';
import type { Connection } from './connection.js';
import { OutgoingEvent } from './outgoing-event.js';
import type { Parked, Room } from './room.js';
import type { Rooms } from './rooms.js';
import { pageMessages } from './send-queue.js';

export interface CatchUpDeps {
  readonly rooms: Rooms;
  readonly operations: Pick<RoomOperations, 'entriesAfter'>;
  readonly sendBufferMessages: number;
}

/**
 * How it ended.
 *
 * - `following`: the connection has everything and follows the room.
 * - `removed`: its user was removed from the room, and it has everything up to there.
 * - `lost`: an entry it needs is no longer in the log; `oldest` is the first that is.
 * - `gone`: the connection left the room, or is gone itself.
 */
export type CaughtUp =
  | { readonly kind: 'following' | 'removed' | 'gone' }
  | { readonly kind: 'lost'; readonly oldest: number };

/**
 * Sends a parked connection what the room said after it stopped, page by page and no faster than it takes them, until
 * it can follow. Nothing is kept for it meanwhile: the window and the log have it.
 */
export async function catchUp(deps: CatchUpDeps, connection: Connection, room: Room): Promise<CaughtUp> {
  const parked = room.parked(connection);
  if (!parked) return { kind: 'gone' };
  parked.mode = 'catching_up';
  let limit: number = BOUNDS.firstPageEntries;
  while (parked.after < last(room, parked)) {
    const page = await connection.whenLight(() => sendPage(deps, connection, room, parked, limit));
    if (page.kind !== 'page') return page;
    // Large entries keep what is read near to what fits into a page.
    limit = 2 * page.events.length;
  }
  return arrive(deps, connection, room, parked);
}

/** The last entry that is for this listener, as far as this node knows. */
function last(room: Room, { removedAt }: Parked): number {
  return Math.min(room.seq, removedAt ?? room.seq);
}

interface Page {
  readonly kind: 'page';
  readonly events: readonly OutgoingEvent<LogEntry>[];
}
type Lost = Extract<CaughtUp, { readonly kind: 'lost' }>;

async function sendPage(
  deps: CatchUpDeps,
  connection: Connection,
  room: Room,
  parked: Parked,
  limit: number,
): Promise<Page | Lost | { readonly kind: 'gone' }> {
  const most = Math.min(limit, pageMessages(deps.sendBufferMessages));
  const read = await nextPage(deps, room, parked.after, most);
  // It may have left, been removed or been closed while we waited.
  if (room.parked(connection) !== parked) return { kind: 'gone' };
  if (read.kind === 'lost') return read;
  const { dialect } = connection;
  const events = withinBytes(read.events, BOUNDS.pageBytes, (event) => event.frame(dialect).length);
  send(connection, room, parked, events);
  return { kind: 'page', events };
}

async function nextPage(deps: CatchUpDeps, room: Room, after: number, limit: number): Promise<Page | Lost> {
  const hot = room.window.after(after, limit);
  if (hot) return { kind: 'page', events: hot };
  const { entries, oldest } = await deps.operations.entriesAfter(room.name, after, limit);
  if (entries[0]?.seq !== after + 1) return { kind: 'lost', oldest };
  return { kind: 'page', events: entries.map((entry) => new OutgoingEvent(entry)) };
}

function send(
  connection: Connection,
  room: Room,
  parked: Parked,
  page: readonly OutgoingEvent<LogEntry>[],
): void {
  const end = last(room, parked);
  for (const outgoing of page) {
    if (outgoing.event.seq > end) return;
    connection.sendEvent(outgoing);
    parked.after = outgoing.event.seq;
  }
}

function arrive({ rooms }: CatchUpDeps, connection: Connection, room: Room, parked: Parked): CaughtUp {
  if (parked.removedAt !== undefined) {
    rooms.leave(connection, room);
    return { kind: 'removed' };
  }
  if (parked.after > room.seq) parked.mode = 'ahead';
  else room.follow(connection);
  return { kind: 'following' };
}
