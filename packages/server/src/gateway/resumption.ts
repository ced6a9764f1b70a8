import type { ReplyData, RequestData } from '@goconnect/protocol';
import type { RoomOperations } from '../operations/operations.js';
import { BOUNDS } from './bounds.js';
import { type CatchUpDeps, catchUp } from './catch-up.js';
import type { Connection } from './connection.js';
import type { Parked, Room } from './room.js';

export interface ResumptionDeps extends CatchUpDeps {
  readonly operations: Pick<RoomOperations, 'entriesAfter' | 'join'>;
}

type Seen = RequestData<'session.resume'>['positions'][number];
type Resumed = ReplyData<'session.resume'>['rooms'][number];

/**
 * Sends a connection what it missed in each room, before anything newer of that room (B3.3). All rooms stop at once
 * and start again one after the other. Being in a room was decided from the store when the connection was opened and
 * follows the room's order since: who is in it may have what it said.
 */
export async function resume(
  deps: ResumptionDeps,
  connection: Connection,
  seen: readonly Seen[],
): Promise<Resumed[]> {
  const asked = new Map(seen.map((position) => [position.room, position]));
  const begun = [...asked.values()].map((position) => begin(deps, connection, position));
  const resumed: Resumed[] = [];
  for (const one of begun) resumed.push(await one());
  return resumed.map((one) => asOfNow(deps, connection, one));
}

/** Rooms that were done first have gone on while the others were read. */
function asOfNow({ rooms }: ResumptionDeps, connection: Connection, resumed: Resumed): Resumed {
  if (resumed.status !== 'recovered') return resumed;
  const room = rooms.get(resumed.room);
  if (!room?.has(connection)) return { room: resumed.room, status: 'denied' };
  return { ...resumed, seq: room.position(connection).seq };
}

/** Stops the room for the connection, at once. @returns how to go on */
function begin(deps: ResumptionDeps, connection: Connection, position: Seen): () => Promise<Resumed> {
  const room = deps.rooms.get(position.room);
  const denied = async (): Promise<Resumed> => ({ room: position.room, status: 'denied' });
  if (!room?.has(connection)) return denied;
  const { epoch, seq } = position;
  const known = epoch === room.order.epoch && seq <= room.seq;
  const parked = room.park(connection, 'catching_up', known ? seq : undefined);
  return async () => {
    if (room.parked(connection) === parked) return recover(deps, connection, { room, parked }, position);
    // It left, and may have come back: what it asked for is behind it.
    return room.has(connection) ? passedOver(deps, connection, room) : denied();
  };
}

async function recover(
  deps: ResumptionDeps,
  connection: Connection,
  { room, parked }: { readonly room: Room; readonly parked: Parked },
  { epoch, seq }: Seen,
): Promise<Resumed> {
  const tooOld = room.seq - seq > BOUNDS.resumeEvents;
  if (epoch !== room.order.epoch || tooOld || (await claimsFuture(deps, connection, room, seq))) {
    const { oldest } = await deps.operations.entriesAfter(room.name, room.seq, 1);
    return gap(deps, connection, room, oldest);
  }
  parked.after = seq;
  const end = await catchUp(deps, connection, room);
  if (end.kind === 'lost') return gap(deps, connection, room, end.oldest);
  if (end.kind !== 'following') return { room: room.name, status: 'denied' };
  return { room: room.name, status: 'recovered', epoch, seq: room.position(connection).seq };
}

/** The connection has a place in the room that it was told; of what lies before that nothing is sent. */
async function passedOver(deps: ResumptionDeps, connection: Connection, room: Room): Promise<Resumed> {
  const { oldest } = await deps.operations.entriesAfter(room.name, room.seq, 1);
  if (!room.has(connection)) return { room: room.name, status: 'denied' };
  return upTo(room, room.position(connection).seq, oldest);
}

/** This node may be behind the log, so only the log can tell that a position never was. */
async function claimsFuture(
  { operations }: ResumptionDeps,
  connection: Connection,
  room: Room,
  seq: number,
): Promise<boolean> {
  if (seq <= room.seq) return false;
  return seq > (await operations.join(connection.actor, room.name)).seq;
}

/** What can be had is told, not sent: the connection goes on from here, and may ask again for what is left. */
async function gap(
  deps: ResumptionDeps,
  connection: Connection,
  room: Room,
  oldest: number,
): Promise<Resumed> {
  const { seq } = room;
  const parked = room.parked(connection);
  if (!parked) return { room: room.name, status: 'denied' };
  parked.after = seq;
  const end = await catchUp(deps, connection, room);
  // Removed meanwhile: the entry that says so is in the gap.
  if (end.kind === 'removed') return { room: room.name, status: 'denied' };
  return upTo(room, seq, oldest);
}

/** Nothing up to `seq` is sent; `oldest` is what the log has. */
function upTo(room: Room, seq: number, oldest: number): Resumed {
  const from = Math.max(oldest, seq - BOUNDS.resumeEvents + 1);
  return { room: room.name, status: 'gap', epoch: room.order.epoch, seq, from };
}
