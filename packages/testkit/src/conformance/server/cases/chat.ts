import { casesFor, must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import type { WireClient } from '../wire-client.js';

export async function say(client: WireClient, scope: string, body: string): Promise<string> {
  return (await client.ack('chat.send', { scope, body })).data.message_id as string;
}

/** A3.5-A3.7: who may write, change and remove what. */
export const CHAT_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'lets only members send to a network',
    rules: ['A3.5/membership'],
    also: ['admin'],
    async run({ connect, admin, one, two }) {
      const id = await admin.newNetwork(one);
      const [owner, stranger] = [await connect(one), await connect(two)];
      const reply = await stranger.request('chat.send', { scope: `network:${id}`, body: 'intruder' });
      must(
        ['ERR_FORBIDDEN', 'ERR_NOT_FOUND'].includes(reply.error?.code ?? ''),
        `a stranger's send was answered with ${reply.error?.code ?? reply.type}`,
      );
      await owner.settle();
      mustEqual(owner.events('chat.message', { body: 'intruder' }).length, 0, 'messages of a stranger');
    },
  },
  {
    name: 'tells everyone in the scope of an edit, a deletion and a redaction',
    rules: ['A2.6/redact', 'A3.6/delete', 'A3.6/redact', 'A3.6/edit-author'],
    also: ['admin'],
    async run({ connect, network, one, two }) {
      const scope = `network:${await network()}`;
      const [owner, member] = [await connect(one), await connect(two)];
      const message_id = await say(member, scope, 'draft');
      const edited = await member.ack('chat.edit', { message_id, new_body: 'final' });
      mustEqual((await owner.event('chat.edited', { message_id })).data.new_body, 'final', 'new_body');
      mustEqual(
        (await owner.event('chat.edited', { message_id })).data.edited_at,
        edited.data.edited_at,
        'edited_at',
      );
      const redacted = await owner.ack('chat.redact', { message_id, mask: '***' });
      mustEqual(
        [redacted.data.message_id, redacted.data.status, redacted.data.redaction_mask],
        [message_id, 'redacted', '***'],
        'reply to chat.redact',
      );
      mustEqual(
        (await member.event('chat.redacted', { message_id })).data.redaction_mask,
        '***',
        'redaction_mask',
      );
      await member.ack('chat.delete', { message_id, mode: 'soft' });
      mustEqual((await owner.event('chat.deleted', { message_id })).data.mode, 'soft', 'mode');
    },
  },
  {
    name: 'lets nobody but the author or an admin edit',
    rules: ['A3.6/edit-author', 'A3.6/edit-admin', 'A3.7/order'],
    also: ['admin'],
    async run({ connect, network, admin, one, two }) {
      const id = await network();
      const third = await admin.newUser();
      await admin.join(id, third);
      const scope = `network:${id}`;
      const [owner, member, other] = [await connect(one), await connect(two), await connect(third)];
      const message_id = await say(member, scope, 'mine');
      await other.error('ERR_FORBIDDEN', 'chat.edit', { message_id, new_body: 'x' });
      await other.error('ERR_FORBIDDEN', 'chat.delete', { message_id, mode: 'soft' });
      await other.error('ERR_FORBIDDEN', 'chat.redact', { message_id, mask: 'x' });
      await member.error('ERR_FORBIDDEN', 'chat.redact', { message_id, mask: 'x' });
      await owner.ack('chat.edit', { message_id, new_body: 'by the owner' });
      const owners = await say(owner, scope, 'superior');
      await member.error('ERR_FORBIDDEN', 'chat.edit', { message_id: owners, new_body: 'x' });
      await member.error('ERR_FORBIDDEN', 'chat.delete', { message_id: owners, mode: 'hard' });
    },
  },
  {
    name: 'lets nobody edit a deleted or redacted message',
    rules: ['A3.6/edit-gone'],
    also: ['admin'],
    async run({ connect, network, one }) {
      const scope = `network:${await network()}`;
      const owner = await connect(one);
      const deleted = await say(owner, scope, 'a');
      await owner.ack('chat.delete', { message_id: deleted, mode: 'soft' });
      await owner.error('ERR_FORBIDDEN', 'chat.edit', { message_id: deleted, new_body: 'back' });
      const redacted = await say(owner, scope, 'b');
      await owner.ack('chat.redact', { message_id: redacted, mask: '***' });
      await owner.error('ERR_FORBIDDEN', 'chat.edit', { message_id: redacted, new_body: 'back' });
    },
  },
  {
    name: 'empties a softly deleted body, removes a hard deleted message and masks a redacted one, for readers of history',
    rules: ['A3.6/soft', 'A3.6/hard', 'A3.6/mask'],
    needs: 'v1',
    also: ['admin'],
    async run({ connect, network, one }) {
      const scope = `network:${await network()}`;
      const owner = await connect(one);
      const [soft, hard, masked] = [
        await say(owner, scope, 'soft secret'),
        await say(owner, scope, 'hard secret'),
        await say(owner, scope, 'masked secret'),
      ];
      await owner.ack('chat.delete', { message_id: soft, mode: 'soft' });
      await owner.ack('chat.delete', { message_id: hard, mode: 'hard' });
      await owner.ack('chat.redact', { message_id: masked, mask: '***' });
      const page = await owner.ack('chat.history', { scope });
      const messages = page.data.messages as readonly Record<string, unknown>[];
      must(!JSON.stringify(page).includes('secret'), 'history shows a body that was deleted or redacted');
      const find = (id: string) => messages.find((message) => message.id === id);
      mustEqual(
        [find(soft)?.body, typeof find(soft)?.deleted_at],
        ['', 'string'],
        'the softly deleted message',
      );
      mustEqual(find(hard), undefined, 'the hard deleted message');
      mustEqual([find(masked)?.body, find(masked)?.redacted], ['***', true], 'the redacted message');
    },
  },
  {
    name: 'lets a moderator act on members, but on no peer and no superior',
    rules: ['A3.7/order', 'A3.7/peers', 'A3.6/delete', 'A3.6/redact'],
    also: ['admin'],
    async run({ connect, network, admin, one, two }) {
      const id = await network();
      const peer = await admin.newUser();
      const plain = await admin.newUser();
      for (const user of [peer, plain]) await admin.join(id, user);
      for (const user of [two, peer]) await admin.setRole(id, one, user, 'moderator');
      const scope = `network:${id}`;
      const [owner, moderator, other, member] = [
        await connect(one),
        await connect(two),
        await connect(peer),
        await connect(plain),
      ];
      const [owners, peers, members] = [
        await say(owner, scope, 'o'),
        await say(other, scope, 'p'),
        await say(member, scope, 'm'),
      ];
      await moderator.ack('chat.redact', { message_id: members, mask: '***' });
      await moderator.ack('chat.delete', { message_id: members, mode: 'hard' });
      await moderator.error('ERR_FORBIDDEN', 'chat.redact', { message_id: peers, mask: '***' });
      await moderator.error('ERR_FORBIDDEN', 'chat.delete', { message_id: owners, mode: 'soft' });
    },
  },
  {
    name: 'checks rights at each operation, not when the connection was made',
    rules: ['A3.7/rechecked'],
    also: ['admin'],
    async run({ connect, network, admin, one, two }) {
      const id = await network();
      const plain = await admin.newUser();
      await admin.join(id, plain);
      const scope = `network:${id}`;
      const [rising, member] = [await connect(two), await connect(plain)];
      const [first, second] = [await say(member, scope, '1'), await say(member, scope, '2')];
      await rising.error('ERR_FORBIDDEN', 'chat.redact', { message_id: first, mask: '***' });
      await admin.setRole(id, one, two, 'moderator');
      await rising.ack('chat.redact', { message_id: first, mask: '***' });
      await admin.setRole(id, one, two, 'member');
      await rising.error('ERR_FORBIDDEN', 'chat.redact', { message_id: second, mask: '***' });
    },
  },
]);
