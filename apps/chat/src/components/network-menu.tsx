import { useState } from 'react';
import { useSession, useWorkspace } from '../hooks/use-session.js';
import { type Network, networkScope } from '../state/entities.js';
import { networkRights } from '../state/rights.js';
import { viewerOf } from '../state/viewer.js';
import { ConfirmDialog } from './confirm-dialog.js';
import { InviteDialog } from './invite-dialog.js';
import { Menu } from './menu.js';
import { NetworkDialog } from './network-dialog.js';

type Asking = 'invite' | 'settings' | 'leave' | 'delete';

/** What one's role permits to do with the network as a whole. */
export function NetworkMenu({ network }: { readonly network: Network }) {
  const { networks } = useSession();
  const may = (right: 'manage' | 'delete' | 'leave') =>
    // biome-ignore lint/correctness/useHookAtTopLevel: called three times below, unconditionally
    useWorkspace((state) => networkRights(viewerOf(state, networkScope(network.id)))[right]);
  const [manage, remove, leave] = [may('manage'), may('delete'), may('leave')];
  const [asking, setAsking] = useState<Asking>();
  const close = () => setAsking(undefined);
  const item = (label: string, what: Asking, danger = false) => ({
    ...{ label, danger },
    onSelect: () => setAsking(what),
  });
  const items = [
    ...(manage ? [item('Invite people …', 'invite'), item('Settings …', 'settings')] : []),
    ...(leave ? [item('Leave …', 'leave', true)] : []),
    ...(remove ? [item('Delete …', 'delete', true)] : []),
  ];
  return (
    <>
      {items.length > 0 && <Menu label={`Actions for ${network.name}`} items={items} />}
      {asking === 'invite' && <InviteDialog network={network} onClose={close} />}
      {asking === 'settings' && (
        <NetworkDialog
          title={`Settings of ${network.name}`}
          action="Save"
          network={network}
          onSubmit={(changes) => networks.update(network.id, changes)}
          onClose={close}
        />
      )}
      {asking === 'leave' && (
        <ConfirmDialog
          title={`Leave ${network.name}?`}
          text="You will no longer receive what is written there."
          actions={[{ label: 'Leave', onConfirm: () => networks.leave(network.id) }]}
          onClose={close}
        />
      )}
      {asking === 'delete' && (
        <ConfirmDialog
          title={`Delete ${network.name}?`}
          text="It ends for everybody, with everything that was written there. This cannot be undone."
          actions={[{ label: 'Delete for everybody', onConfirm: () => networks.remove(network.id) }]}
          onClose={close}
        />
      )}
    </>
  );
}
