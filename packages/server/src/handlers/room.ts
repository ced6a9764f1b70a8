import type { RoomPosition } from '../domain/entities.js';
import type { Handler } from './handler.js';

/** A3.4, B3.2. What the room says from then on comes right behind the reply. */
export const joinRoom: Handler<'room.join'> = async ({ operations, session }, { room }) => {
  let place: RoomPosition | undefined;
  while (!place) place = session.enter(await operations.rooms.join(session.actor, room));
  const { epoch, seq } = place;
  const position = session.dialect === 'v1' ? { epoch, seq } : {};
  return { reply: { room, status: 'joined', ...position }, afterwards: () => session.follow(room) };
};

/** Leaving where one is not is no mistake, and tells nothing about rooms of others. */
export const leaveRoom: Handler<'room.leave'> = async ({ session }, { room }) => {
  session.leave(room);
  return { reply: { room, status: 'left' } };
};
