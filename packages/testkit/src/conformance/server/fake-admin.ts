import type { FakeServer } from '../../fake-server/fake-server.js';
import { isVirtualClock } from '../../time/virtual-clock.js';
import { memoryDial } from './memory-dial.js';
import type { ConformanceUser, ServerAdmin, ServerTarget } from './server-target.js';

/** A fake server as a target: it proves that the cases are right, and mutants of it that they can fail. */
export function fakeServerTarget(server: FakeServer): ServerTarget {
  const { clock, WebSocket } = server;
  server.addUser({ id: 'foreigner', tenantId: 'elsewhere' });
  server.addUser({ id: 'moderator', isModerator: true });
  return {
    kind: 'server',
    url: server.url,
    users: [userOf(server, 'ada'), userOf(server, 'grace')],
    foreigner: userOf(server, 'foreigner'),
    moderator: userOf(server, 'moderator'),
    admin: fakeAdmin(server),
    // Unless it was made with `allowedOrigins`; whoever did says so.
    anyOrigin: true,
    queuesUnbounded: true,
    ...(WebSocket && { dial: memoryDial(WebSocket) }),
    ...(isVirtualClock(clock) && { passTime: (ms: number) => clock.advance(ms), editWindowMs: 900_000 }),
  };
}

/** Cases may let an hour of virtual time pass; the users of a target outlive them all. */
const A_DAY = 86_400;

function userOf(server: FakeServer, id: string, expiresIn = A_DAY): ConformanceUser {
  const { accessToken, refreshToken } = server.tokens(id, { expiresIn });
  return { id, token: accessToken, refreshToken };
}

function fakeAdmin(server: FakeServer): ServerAdmin {
  let count = 0;
  const approval = new Set<string>();
  const banned = new Set<string>();
  return {
    async newUser() {
      const id = `guest-${++count}`;
      server.addUser({ id });
      return userOf(server, id);
    },
    async newNetwork(owner, { visibility = 'public', joinPolicy = 'open' } = {}) {
      const id = `case-${++count}`;
      server.addNetwork({ id, visibility });
      server.addMember(id, owner.id, 'owner');
      if (joinPolicy === 'approval') approval.add(id);
      return id;
    },
    async join(networkId, user) {
      if (banned.has(`${networkId} ${user.id}`)) throw new Error('banned');
      if (approval.has(networkId)) server.askToJoin(networkId, user.id);
      else server.addMember(networkId, user.id);
    },
    approve: async (networkId, _, user) => server.addMember(networkId, user.id),
    setRole: async (networkId, _, user, role) => server.setRole(networkId, user.id, role),
    leave: async (networkId, user) => server.removeMember(networkId, user.id),
    kick: async (networkId, _, user, reason) => server.removeMember(networkId, user.id, 'kick', reason),
    async ban(networkId, _, user, reason) {
      banned.add(`${networkId} ${user.id}`);
      server.removeMember(networkId, user.id, 'ban', reason);
    },
    rename: async (networkId, owner, name) => server.updateNetwork(networkId, owner.id, { name }),
    shortToken: async (user, seconds) => userOf(server, user.id, seconds).token,
    restart: () => server.restart(),
    async drain() {
      server.drain({ spreadMs: 10, deadlineMs: 50 });
      if (isVirtualClock(server.clock)) await server.clock.advance(100);
    },
  };
}
