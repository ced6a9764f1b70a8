import { RECOVERABLE_EVENTS } from '@goconnect/protocol/validators';
import type { GoConnectClient } from '../client.js';
import type { EventContext } from '../operations/client-events.js';

/** Rooms whose place is remembered, the one known longest makes room. What is heard of it next is then taken to follow. */
const ROOMS_MAX = 10_000;

/**
 * How far the log of each room was told, for as long as there is the client. A room that one leaves and enters again begins anew where
 * it stands then: what was said meanwhile is no gap to the client, but it is one to whoever goes on showing what was told before.
 */
export interface RoomPlaces {
  /**
   * One watcher a room: `follows` is false when entries before this one were not told, or will not be. Gives back how to stop.
   * MUST be told of an entry before its listeners are.
   */
  watch(room: string, onEntry: (follows: boolean) => void): () => void;
}

const known = new WeakMap<GoConnectClient, RoomPlaces>();

export function roomPlaces(client: GoConnectClient): RoomPlaces {
  const places = known.get(client) ?? createRoomPlaces(client);
  known.set(client, places);
  return places;
}

function createRoomPlaces(client: GoConnectClient): RoomPlaces {
  const places = new Map<string, number>();
  const watchers = new Map<string, (follows: boolean) => void>();
  const put = (room: string, seq: number): void => {
    places.set(room, seq);
    const [oldest] = places.keys();
    if (oldest !== undefined && places.size > ROOMS_MAX) places.delete(oldest);
  };
  const onEntry = (_: unknown, { room, seq }: EventContext): void => {
    if (room === undefined || seq === undefined) return;
    const before = places.get(room);
    // One that breaks the contract may be told twice: as what it is, and as `unknown`.
    if (before === seq) return;
    put(room, seq);
    watchers.get(room)?.(before === undefined || before + 1 === seq);
  };
  for (const type of [...RECOVERABLE_EVENTS, 'unknown'] as const) client.on(type, onEntry);
  client.on('gap', ({ room, to }) => {
    put(room, to);
    watchers.get(room)?.(false);
  });
  // What is known of a room already counts: the client asks for what is missing since, unless it had left the room.
  client.on('session.welcome', ({ rooms }) => {
    for (const { room, seq } of rooms) if (!places.has(room)) put(room, seq);
  });
  return {
    watch(room, watcher) {
      watchers.set(room, watcher);
      return () => void watchers.delete(room);
    },
  };
}
