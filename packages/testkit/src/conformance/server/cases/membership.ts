import { casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import { mustBeRefused, mustRemove, REMOVALS } from './removal.js';

/** A4: presence and membership. */
export const MEMBERSHIP_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'tells of a user once: online with the first connection, offline after the last clean close',
    rules: ['A4.1/online', 'A4.1/offline', 'A4.1/once'],
    also: ['admin'],
    async run({ connect, admin, one }) {
      const user = await admin.newUser();
      const watcher = await connect(one);
      const status = () =>
        watcher.events('presence.update', { user_id: user.id }).map(({ data }) => data.status);
      const first = await connect(user);
      await watcher.event('presence.update', { user_id: user.id, status: 'online' });
      const second = await connect(user);
      await first.close();
      await watcher.settle();
      mustEqual(status(), ['online'], 'presence while one connection is left');
      await second.close();
      await watcher.event('presence.update', { user_id: user.id, status: 'offline' });
      await watcher.settle();
      mustEqual(status(), ['online', 'offline'], 'presence');
    },
  },
  {
    name: 'tells of a user only in the rooms that the user is in',
    rules: ['A4.1/rooms'],
    needs: 'v1',
    also: ['admin'],
    async run({ connect, admin, one, two }) {
      const user = await admin.newUser();
      const [present, absent] = [await connect(one), await connect(two)];
      const { data } = await absent.event('session.welcome');
      for (const { room } of data.rooms as readonly { room: string }[])
        await absent.ack('room.leave', { room });
      await (await connect(user)).settle();
      await present.event('presence.update', { user_id: user.id, status: 'online' });
      await absent.settle();
      mustEqual(
        absent.events('presence.update', { user_id: user.id }).length,
        0,
        'news of somebody with whom one shares no room',
      );
    },
  },
  {
    name: 'waits 15 s before it calls a user offline whose connection broke',
    rules: ['A4.1/grace'],
    also: ['admin', 'time'],
    async run({ connect, admin, one, passTime }) {
      const user = await admin.newUser();
      const watcher = await connect(one);
      const broken = await connect(user);
      await watcher.event('presence.update', { user_id: user.id, status: 'online' });
      broken.terminate();
      await passTime(10_000);
      await watcher.settle();
      mustEqual(
        watcher.events('presence.update', { user_id: user.id, status: 'offline' }).length,
        0,
        'offline after 10 s',
      );
      await passTime(8_000);
      await watcher.event('presence.update', { user_id: user.id, status: 'offline' });
    },
  },
  {
    name: 'tells the network and the user of a kick, then of the leaving, and nothing after it',
    rules: ['A4.2/kick', 'A4.2/left', 'A4.2/nothing-after', 'A3.2/leaves'],
    also: ['admin'],
    run: (env) => mustRemove(env, 'kick'),
  },
  {
    name: 'tells of a ban, then of the leaving, and nothing after it',
    rules: ['A4.2/ban', 'A4.2/left', 'A4.2/nothing-after', 'A3.2/leaves'],
    also: ['admin'],
    run: (env) => mustRemove(env, 'ban'),
  },
  {
    name: 'tells the network and the user when a member leaves, and nothing after it',
    rules: ['A4.2/left', 'A4.2/nothing-after', 'A3.2/leaves'],
    also: ['admin'],
    run: (env) => mustRemove(env, 'leave'),
  },
  {
    name: 'shows neither history nor presence to who was kicked or banned, or left',
    rules: ['B3.5/members'],
    needs: 'v1',
    also: ['admin'],
    async run({ connect, network, admin, one, two }) {
      const reader = await connect(two);
      for (const [how, remove] of Object.entries(REMOVALS)) {
        const id = await network();
        const room = `network:${id}`;
        await reader.ack('chat.history', { scope: room });
        await reader.ack('presence.list', { room });
        await remove(admin, id, one, two);
        await reader.event('member.left', { network_id: id, user_id: two.id });
        await mustBeRefused(reader, how, 'chat.history', { scope: room });
        await mustBeRefused(reader, how, 'presence.list', { room });
      }
    },
  },
  {
    name: 'lets a banned user neither in nor ask',
    rules: ['A4.2/banned'],
    also: ['admin'],
    async run({ connect, network, admin, one, two }) {
      const id = await network();
      const owner = await connect(one);
      await admin.ban(id, one, two, 'for good');
      const back = await admin.join(id, two).then(
        () => 'let in',
        () => 'refused',
      );
      mustEqual(back, 'refused', 'a banned user who joins');
      await owner.settle();
      mustEqual(
        owner.events('member.joined', { network_id: id, user_id: two.id }).length,
        0,
        'member.joined of a banned user',
      );
    },
  },
  {
    name: 'tells only the owner and admins of a request to join',
    rules: ['A4.2/pending'],
    also: ['admin', 'approve'],
    async run({ connect, admin, one, two }) {
      const id = await admin.newNetwork(one, { joinPolicy: 'approval' });
      await admin.join(id, two);
      await admin.approve?.(id, one, two);
      const asking = await admin.newUser();
      await admin.setRole(id, one, two, 'admin');
      const outside = await admin.newUser();
      const [owner, deputy, outsider] = [await connect(one), await connect(two), await connect(outside)];
      await admin.join(id, asking);
      for (const client of [owner, deputy]) {
        const pending = await client.event('request.join.pending', { network_id: id, user_id: asking.id });
        must(typeof pending.data.request_id === 'string', 'request.join.pending has no request_id');
      }
      await outsider.settle();
      mustEqual(
        outsider.events('request.join.pending', { network_id: id }).length,
        0,
        'requests that an outsider heard of',
      );
    },
  },
  {
    name: 'tells the network which settings changed',
    rules: ['A4.2/updated'],
    also: ['admin', 'rename'],
    async run({ connect, network, admin, one, two }) {
      const id = await network();
      const member = await connect(two);
      await admin.rename?.(id, one, 'A new name');
      const { data } = await member.event('net.updated', { network_id: id });
      mustEqual(
        [data.changes, data.properties],
        [['name'], { name: 'A new name' }],
        'changes and properties of net.updated',
      );
    },
  },
]);
