import { casesFor, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';

/** A3.6, A3.7: who may do what, beyond author and moderator. */
export const RIGHT_CASES = casesFor<ServerEnv>('server', [
  {
    name: 'places an admin of a network between its owner and its moderators',
    rules: ['A3.7/order', 'A3.7/peers', 'A3.6/edit-admin'],
    also: ['admin'],
    async run({ connect, network, admin, one, two }) {
      const id = await network();
      const scope = `network:${id}`;
      const below = await admin.newUser();
      await admin.join(id, below);
      await admin.setRole(id, one, two, 'admin');
      await admin.setRole(id, one, below, 'moderator');
      const [owner, deputy, moderator] = [await connect(one), await connect(two), await connect(below)];
      const said = await Promise.all(
        [owner, deputy, moderator].map((client) => client.ack('chat.send', { scope, body: 'x' })),
      );
      const [owners, deputys, moderators] = said.map(({ data }) => data.message_id);
      await deputy.ack('chat.edit', { message_id: moderators, new_body: 'by an admin' });
      await deputy.error('ERR_FORBIDDEN', 'chat.edit', { message_id: owners, new_body: 'x' });
      await moderator.error('ERR_FORBIDDEN', 'chat.delete', { message_id: deputys, mode: 'soft' });
      await owner.ack('chat.delete', { message_id: deputys, mode: 'soft' });
    },
  },
  {
    name: 'lets a moderator of the deployment act everywhere',
    rules: ['A3.7/claims'],
    also: ['admin', 'moderator'],
    async run({ connect, admin, two, moderator }) {
      const [author, other, by] = [
        await connect(two),
        await connect(await admin.newUser()),
        await connect(moderator),
      ];
      const { data } = await author.ack('chat.send', { scope: 'host', body: 'in host' });
      const message_id = data.message_id;
      await other.error('ERR_FORBIDDEN', 'chat.redact', { message_id, mask: '***' });
      await by.ack('chat.redact', { message_id, mask: '***' });
      const redacted = await other.event('chat.redacted', { message_id });
      mustEqual(redacted.data.redacted_by, moderator.id, 'redacted_by');
    },
  },
  {
    name: 'lets the author edit within the edit window only, and an admin always',
    rules: ['A3.6/edit-window', 'A3.6/edit-admin'],
    also: ['admin', 'time', 'edit_window'],
    async run({ connect, network, one, two, passTime, editWindowMs }) {
      const scope = `network:${await network()}`;
      const [owner, author] = [await connect(one), await connect(two)];
      const { data } = await author.ack('chat.send', { scope, body: 'draft' });
      const message_id = data.message_id;
      await author.ack('chat.edit', { message_id, new_body: 'in time' });
      await passTime(editWindowMs + 1_000);
      await author.error('ERR_FORBIDDEN', 'chat.edit', { message_id, new_body: 'too late' });
      await owner.ack('chat.edit', { message_id, new_body: 'by the owner' });
    },
  },
]);
