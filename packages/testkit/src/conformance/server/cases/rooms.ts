import { casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';

/** A3.1-A3.4: rooms, and who is in them. */
export const ROOM_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'refuses names that are no rooms and scopes that are none',
    rules: ['A3.1/rooms', 'A3.1/scopes'],
    async run({ connect, one }) {
      const client = await connect(one);
      for (const room of [
        '',
        'Host',
        'network:',
        'network:a b',
        `network:${'x'.repeat(65)}`,
        'user:1',
        'network:a/b',
      ]) {
        await client.error('ERR_INVALID_MESSAGE', 'room.join', { room });
      }
      for (const scope of ['tenant:demo', 'network:'])
        await client.error('ERR_INVALID_MESSAGE', 'chat.send', { scope, body: 'x' });
      for (const id of ['x'.repeat(64), 'a-Z_09'])
        await client.error('ERR_NOT_FOUND', 'room.join', { room: `network:${id}` });
    },
  },
  {
    name: 'puts every connection into host, and carries a message to everyone in it once',
    rules: ['A3.2/host', 'page/broadcast', 'A2.1/once'],
    async run({ connect, one, two }) {
      const [a, again, b] = [await connect(one), await connect(one), await connect(two)];
      const ack = await a.ack('chat.send', { scope: 'host', body: 'to all' });
      for (const client of [a, again, b]) {
        const { data } = await client.event('chat.message', { id: ack.data.message_id });
        mustEqual(
          [data.scope, data.body, data.redacted, data.deleted_at],
          ['host', 'to all', false, null],
          'the message',
        );
        await client.settle();
        mustEqual(client.events('chat.message', { id: ack.data.message_id }).length, 1, 'deliveries');
      }
    },
  },
  {
    name: 'puts members of a network into its room without a join',
    rules: ['A3.2/networks', 'page/autojoin'],
    also: ['admin'],
    async run({ connect, network, one, two }) {
      const scope = `network:${await network()}`;
      const [a, b] = [await connect(one), await connect(two)];
      await a.ack('chat.send', { scope, body: 'members' });
      await b.event('chat.message', { scope, body: 'members' });
    },
  },
  {
    name: 'lets a new member in live, on every connection',
    rules: ['A3.2/enters', 'A4.2/joined'],
    also: ['admin'],
    async run({ connect, admin, one, two }) {
      const id = await admin.newNetwork(one);
      const [owner, first, second] = [await connect(one), await connect(two), await connect(two)];
      await admin.join(id, two);
      for (const client of [owner, first, second])
        await client.event('member.joined', { network_id: id, user_id: two.id });
      await owner.ack('chat.send', { scope: `network:${id}`, body: 'welcome' });
      for (const client of [first, second]) await client.event('chat.message', { body: 'welcome' });
    },
  },
  {
    name: 'keeps what is said in a network from those who are no members',
    rules: ['A3.2/networks'],
    also: ['admin'],
    async run({ connect, admin, one, two }) {
      const id = await admin.newNetwork(one);
      const [owner, stranger] = [await connect(one), await connect(two)];
      const ack = await owner.ack('chat.send', { scope: `network:${id}`, body: 'inside' });
      await owner.event('chat.message', { id: ack.data.message_id });
      await stranger.settle();
      mustEqual(
        stranger.events('chat.message', { id: ack.data.message_id }).length,
        0,
        'messages a stranger got',
      );
    },
  },
  {
    name: 'forbids to join a public network one is no member of, and does not know a private or absent one',
    rules: ['A3.4/public', 'A3.4/private'],
    also: ['admin'],
    async run({ connect, admin, one, two }) {
      const open = await admin.newNetwork(one, { visibility: 'public' });
      const hidden = await admin.newNetwork(one, { visibility: 'private' });
      const stranger = await connect(two);
      await stranger.error('ERR_FORBIDDEN', 'room.join', { room: `network:${open}` });
      await stranger.error('ERR_NOT_FOUND', 'room.join', { room: `network:${hidden}` });
      await stranger.error('ERR_NOT_FOUND', 'room.join', { room: 'network:there-is-no-such-network' });
    },
  },
  {
    name: 'does not know networks and tenants of others',
    rules: ['A3.3/network', 'A3.3/message'],
    also: ['admin', 'foreigner'],
    async run({ connect, admin, one, foreigner }) {
      const id = await admin.newNetwork(one);
      const [owner, other] = [await connect(one), await connect(foreigner)];
      const ack = await owner.ack('chat.send', { scope: `network:${id}`, body: 'ours' });
      await other.error('ERR_NOT_FOUND', 'room.join', { room: `network:${id}` });
      await other.error('ERR_NOT_FOUND', 'chat.send', { scope: `network:${id}`, body: 'x' });
      const message_id = ack.data.message_id;
      await other.error('ERR_NOT_FOUND', 'chat.edit', { message_id, new_body: 'x' });
      await other.error('ERR_NOT_FOUND', 'chat.delete', { message_id, mode: 'soft' });
      await other.error('ERR_NOT_FOUND', 'chat.redact', { message_id, mask: '***' });
    },
  },
  {
    name: 'does not tell who is in a network of another tenant',
    rules: ['A3.3/presence'],
    needs: 'v1',
    also: ['admin', 'foreigner'],
    async run({ connect, admin, one, foreigner }) {
      const room = `network:${await admin.newNetwork(one)}`;
      const [owner, other] = [await connect(one), await connect(foreigner)];
      await owner.ack('presence.list', { room });
      await other.error('ERR_NOT_FOUND', 'presence.list', { room });
    },
  },
  {
    name: 'carries what is said in host to every tenant',
    rules: ['A3.3/host'],
    also: ['foreigner'],
    async run({ connect, one, foreigner }) {
      const [speaker, listener] = [await connect(foreigner), await connect(one)];
      const ack = await speaker.ack('chat.send', { scope: 'host', body: 'from elsewhere' });
      await listener.event('chat.message', { id: ack.data.message_id, body: 'from elsewhere' });
    },
  },
  {
    name: 'does not let anyone into the room of another tenant',
    rules: ['A3.3/tenant-room'],
    async run({ connect, one }) {
      const client = await connect(one);
      await client.error('ERR_NOT_FOUND', 'room.join', { room: 'tenant:somebody-elses' });
    },
  },
  {
    name: 'sends nothing of a room to a connection that left it, and again after it joined',
    rules: ['A2.6/leave', 'page/join'],
    async run({ connect, one, two }) {
      const [speaker, reader] = [await connect(one), await connect(two)];
      await reader.ack('room.leave', { room: 'host' });
      const unheard = await speaker.ack('chat.send', { scope: 'host', body: 'unheard' });
      await speaker.event('chat.message', { id: unheard.data.message_id });
      await reader.ack('room.join', { room: 'host' });
      const heard = await speaker.ack('chat.send', { scope: 'host', body: 'heard' });
      await reader.event('chat.message', { id: heard.data.message_id });
      must(
        reader.events('chat.message', { id: unheard.data.message_id }).length === 0,
        'a connection heard a room that it had left',
      );
    },
  },
]);
