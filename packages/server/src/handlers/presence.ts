import { LIMITS, parseRoom, type ReplyData } from '@goconnect/protocol';
import type { UserPresence } from '../ports/gateway.js';
import type { Handler } from './handler.js';

export const pingPresence: Handler<'presence.ping'> = async ({ clock }) => ({
  reply: { timestamp: new Date(clock.now()).toISOString() },
});

/**
 * B3.5: of a network all members, of the other rooms who is online there. `host` is deployment-wide, but people of
 * other tenants are nobody's business (A3.3).
 */
export const listPresence: Handler<'presence.list'> = async ({ operations, presence, session }, { room }) => {
  await operations.rooms.join(session.actor, room);
  const parsed = parseRoom(room);
  if (parsed?.kind !== 'network') {
    const { users, total } = presence.online(session.actor.tenantId, LIMITS.presenceMembers);
    return { reply: { members: users.map(listed), total } };
  }
  const { members, nextCursor } = await operations.networks.members(session.actor, parsed.id);
  const total =
    nextCursor === null ? members.length : await operations.networks.countMembers(session.actor, parsed.id);
  const here = presence.of(
    session.actor.tenantId,
    members.map(({ userId }) => userId),
  );
  return { reply: { members: here.map(listed), total } };
};

function listed({ userId, status, since }: UserPresence): ReplyData<'presence.list'>['members'][number] {
  return { user_id: userId, status, since: new Date(since).toISOString() };
}
