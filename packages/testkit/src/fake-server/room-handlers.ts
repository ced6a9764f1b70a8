import { LIMITS, parseRoom } from '@goconnect/protocol/validators';
import { requireMember } from './chat-handlers.js';
import type { Handler } from './handler.js';
import { Refusal } from './refusal.js';

export const join: Handler<'room.join'> = ({ world, user, connection }, { room }) => {
  requireMember(world, user, room);
  connection.rooms.add(room);
  if (connection.dialect === 'base') return { room, status: 'joined' };
  const { epoch, seq } = world.position(room);
  return { room, status: 'joined', epoch, seq };
};

export const leave: Handler<'room.leave'> = ({ connection }, { room }) => {
  connection.rooms.delete(room);
  return { room, status: 'left' };
};

export const ping: Handler<'presence.ping'> = ({ world }) => ({ timestamp: world.timestamp() });

/** B3.5: of a network all members, of the other rooms who is online there; never somebody of another tenant. */
export const list: Handler<'presence.list'> = ({ world, user, presenceOf }, { room }) => {
  requireMember(world, user, room);
  const inNetwork = parseRoom(room)?.kind === 'network';
  const members = [...world.users.values()]
    .filter(({ id, tenantId }) => tenantId === user.tenantId && world.isMember(room, id))
    .map(({ id }) => ({ user_id: id, ...presenceOf(id) }))
    .filter(({ status }) => inNetwork || status === 'online');
  return { members: members.slice(0, LIMITS.presenceMembers), total: members.length };
};

/** B3.3: what was missed, each once, in order, then the ack. */
export const resume: Handler<'session.resume'> = ({ world, connection, tell }, { positions }) => {
  // A room that is named twice is resumed once.
  const asked = new Map(positions.map((position) => [position.room, position]));
  const rooms = [...asked.values()].map(({ room, epoch, seq }) => {
    // Members are in their rooms until they leave; only `room.join` takes them back.
    if (!connection.rooms.has(room)) return { room, status: 'denied' };
    const log = world.log(room);
    const here = { room, epoch: log.epoch, seq: log.seq };
    if (epoch !== log.epoch || seq > log.seq || seq + 1 < log.oldest)
      return { ...here, status: 'gap', from: log.oldest };
    for (const entry of log.after(seq)) tell(entry);
    return { ...here, status: 'recovered' };
  });
  return { rooms };
};

export const refresh: Handler<'auth.refresh'> = (context, { refresh_token }) => {
  const { tokens, user, opId, settings, closeFamily, renewed } = context;
  const verdict = tokens.refresh(refresh_token, user, opId, settings.tokenTtl);
  if (verdict.kind === 'reused') closeFamily(verdict.family);
  if (verdict.kind !== 'pair') throw new Refusal('ERR_UNAUTHORIZED', 'The refresh token is not valid');
  renewed(verdict.pair.expires_in * 1_000, verdict.grant.family);
  return { ...verdict.pair, status: 'refreshed' };
};
