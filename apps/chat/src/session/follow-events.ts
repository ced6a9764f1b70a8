import { parseNetworkChanges } from '../api/parse-entities.js';
import { networkOf } from '../state/entities.js';
import type { Message } from '../state/message.js';
import { nameOf, type Workspace } from '../state/workspace.js';
import type { NetworkActions } from './network-actions.js';
import type { PeopleActions } from './people-actions.js';
import { problemOf } from './problem-of.js';
import type { SessionContext } from './session-context.js';

const networkName = (state: Workspace, id: string) =>
  [...state.networks.mine, ...state.networks.open].find((network) => network.id === id)?.name ?? 'a network';

/** Turns what the server says into events of the page's state. */
export function followEvents(
  { me, client, store }: SessionContext,
  { networks, people }: { readonly networks: NetworkActions; readonly people: PeopleActions },
  reload: (scope: string) => void,
): void {
  const { dispatch, get } = store;
  const inform = (text: string) => dispatch({ type: 'notice.raised', tone: 'info', text });

  client.on('chat.message', (message) => {
    dispatch({
      type: 'room.event',
      scope: message.scope,
      event: { type: 'message.arrived', message: message satisfies Message, me: me.id },
    });
    void people.meet([message.user_id]);
  });
  client.on('chat.edited', ({ message_id: id, new_body: body, edited_at: at }) =>
    dispatch({ type: 'message.located', messageId: id, event: { type: 'message.edited', id, body, at } }),
  );
  client.on('chat.deleted', ({ message_id: id, mode, deleted_at: at }) =>
    dispatch({ type: 'message.located', messageId: id, event: { type: 'message.deleted', id, mode, at } }),
  );
  client.on('chat.redacted', ({ message_id: id, redaction_mask: mask }) =>
    dispatch({ type: 'message.located', messageId: id, event: { type: 'message.redacted', id, mask } }),
  );

  client.on('presence.update', ({ user_id, status }) =>
    dispatch({ type: 'presence.changed', userId: user_id, status }),
  );

  client.on('member.joined', async ({ network_id, user_id }) => {
    if (user_id === me.id) {
      const wasIn = get().networks.mine.some(({ id }) => id === network_id);
      await networks.load();
      if (!wasIn) inform(`You are now a member of ${networkName(get(), network_id)}.`);
      if (networkOf(get().selected) === network_id) reload(get().selected);
    }
    if (get().people[network_id]) await people.load(network_id);
  });
  client.on('request.join.pending', async ({ network_id, user_id }) => {
    await people.load(network_id);
    inform(`${nameOf(get(), user_id)} asks to join ${networkName(get(), network_id)}.`);
  });

  const onRemoval =
    (kind: 'kicked' | 'banned') => (event: { network_id: string; user_id: string; reason?: string }) => {
      const { network_id: networkId, user_id: userId, reason = '' } = event;
      if (userId === me.id) return dispatch({ type: 'network.gone', networkId, kind, reason });
      dispatch({ type: 'member.gone', networkId, userId });
      inform(
        `${nameOf(get(), userId)} was ${kind === 'kicked' ? 'removed' : 'banned'} from ${networkName(get(), networkId)}.`,
      );
    };
  client.on('admin.kick', onRemoval('kicked'));
  client.on('admin.ban', onRemoval('banned'));
  // After a kick or ban this one finds the network gone already, so the reason given there stays.
  client.on('member.left', ({ network_id: networkId, user_id: userId }) => {
    if (userId === me.id) return void networks.lost(networkId);
    dispatch({ type: 'member.gone', networkId, userId });
  });
  client.on('net.updated', async ({ network_id: networkId, changes, properties }) => {
    dispatch({ type: 'network.changed', networkId, changes: parseNetworkChanges(properties) });
    // With a role come and go buttons, one's own too.
    if (changes.includes('roles')) await people.load(networkId);
  });

  client.on('gap', ({ room, reason }) => {
    // No longer a member: nothing is missing, there is nothing more to be read.
    if (reason === 'denied') return void networks.load();
    if (room !== get().selected)
      return dispatch({ type: 'room.event', scope: room, event: { type: 'history.stale' } });
    inform('You were away for so long that some messages may be missing. The newest ones are being loaded.');
    reload(get().selected);
  });
  client.on('error', (error) => {
    // Nothing is lost while the page stays open, so there is nothing to alarm anybody with.
    if (error.code === 'storage_failed') return dispatch({ type: 'storage.failed' });
    // While the connection is away the page says so already, and why.
    if (client.state.status !== 'connected') return;
    dispatch({ type: 'notice.raised', tone: 'problem', text: problemOf(error).text });
  });
}
