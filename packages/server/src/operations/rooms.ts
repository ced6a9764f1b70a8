import { parseRoom } from '@goconnect/protocol';
import type { Actor, RoomPosition } from '../domain/entities.js';
import type { Transaction } from '../ports/store.js';
import { networkRoom } from './access.js';
import type { Dependencies } from './dependencies.js';
import type { RoomOperations } from './operations.js';
import { forbidden, notFound } from './refusals.js';

export function createRooms({ store }: Pick<Dependencies, 'store'>): RoomOperations {
  /** Positions of rooms that one may enter; `find` says which. Only a room nobody ever entered costs a write. */
  async function entrances(
    find: (tx: Transaction) => Promise<readonly string[]>,
  ): Promise<readonly RoomPosition[]> {
    const known = await store.read(async (tx) => {
      const rooms = await find(tx);
      return inOrder(rooms, await tx.log.positions(rooms));
    });
    return (
      known ??
      (await store.write(async (tx) => {
        const rooms = await find(tx);
        return inOrder(rooms, await tx.log.open(rooms)) ?? [];
      }))
    );
  }

  return {
    roomsOf: (actor) => entrances((tx) => roomsOf(tx, actor)),

    async join(actor, room) {
      const [position] = await entrances(async (tx) => {
        await mustBeAllowed(tx, actor, room);
        return [room];
      });
      if (position === undefined) throw notFound('Room');
      return position;
    },

    positions: (rooms) => store.read((tx) => tx.log.positions(rooms)),

    entriesAfter: (room, seq, limit) =>
      store.read(async (tx) => {
        const entries = await tx.log.entries(room, seq, limit);
        const [position] = await tx.log.positions([room]);
        // Nothing stored: the next entry will be the oldest.
        return { entries, oldest: (await tx.log.oldest(room)) ?? (position?.seq ?? 0) + 1 };
      }),
  };
}

/** A3.2. */
async function roomsOf(tx: Transaction, { userId, tenantId }: Actor): Promise<readonly string[]> {
  const memberships = await tx.members.ofUser(userId, tenantId);
  return ['host', `tenant:${tenantId}`, ...memberships.map(({ networkId }) => networkRoom(networkId))];
}

/** A3.3 and A3.4. */
async function mustBeAllowed(tx: Transaction, actor: Actor, name: string): Promise<void> {
  const room = parseRoom(name);
  if (room?.kind === 'host') return;
  if (room?.kind === 'tenant' && room.id === actor.tenantId) return;
  if (room?.kind !== 'network') throw notFound('Room');
  const standing = await tx.networks.standing(room.id, actor.userId);
  if (standing === undefined || standing.network.tenantId !== actor.tenantId) throw notFound('Room');
  if (standing.role !== undefined) return;
  if (standing.network.visibility === 'private') throw notFound('Room');
  throw forbidden('not_a_member', 'Only members of this network may enter its room.');
}

/** The positions in the order asked for; undefined when one is missing. */
function inOrder(
  rooms: readonly string[],
  positions: readonly RoomPosition[],
): readonly RoomPosition[] | undefined {
  const byRoom = new Map(positions.map((position) => [position.room, position]));
  const ordered = rooms.flatMap((room) => byRoom.get(room) ?? []);
  return ordered.length === rooms.length ? ordered : undefined;
}
