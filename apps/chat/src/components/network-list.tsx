import { useState } from 'react';
import { useFocusHeir } from '../hooks/use-focus-heir.js';
import { useSession, useWorkspace } from '../hooks/use-session.js';
import { takeInvitation } from '../session/given-invitation.js';
import { type Network, networkOf, networkScope, type Scope } from '../state/entities.js';
import { peopleOf } from '../state/workspace.js';
import { Icon, type IconName } from './icon.js';
import { JoinDialog } from './join-dialog.js';
import { NetworkDialog } from './network-dialog.js';

/** The invitation with which the page was opened. */
const given = takeInvitation();

export function NetworkList({ onOpen }: { readonly onOpen: (scope: Scope) => void }) {
  const { networks: actions } = useSession();
  const { loading, mine, open } = useWorkspace((state) => state.networks);
  const [asking, setAsking] = useState<'create' | 'join' | undefined>(
    given === undefined ? undefined : 'join',
  );
  const close = () => setAsking(undefined);
  return (
    <nav className="networks" aria-label="Networks" tabIndex={-1}>
      <div className="panel-head">
        <h2>Networks</h2>
        <button
          type="button"
          className="icon-button"
          aria-label="Join with an invitation"
          onClick={() => setAsking('join')}
        >
          <Icon name="key" />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label="Create a network"
          onClick={() => setAsking('create')}
        >
          <Icon name="plus" />
        </button>
      </div>
      <ul className="rows">
        <RoomLink scope="host" name="Everyone" icon="globe" onOpen={onOpen} />
        {mine.map((network) => (
          <RoomLink
            key={network.id}
            scope={networkScope(network.id)}
            name={network.name}
            icon={network.visibility === 'private' ? 'lock' : 'hash'}
            onOpen={onOpen}
          />
        ))}
      </ul>
      {loading.status === 'failed' && (
        <div className="inline-problem" role="alert">
          <p>{loading.problem.text}</p>
          <button type="button" onClick={() => void actions.load()}>
            Try again
          </button>
        </div>
      )}
      {open.length > 0 && (
        <>
          <h3>To join</h3>
          <ul className="rows">
            {open.map((network) => (
              <OpenNetwork key={network.id} network={network} onOpen={onOpen} />
            ))}
          </ul>
        </>
      )}
      {asking === 'create' && (
        <NetworkDialog
          title="Create a network"
          action="Create"
          onClose={close}
          onSubmit={async (input) => {
            const outcome = await actions.create(input);
            if (typeof outcome !== 'string') return outcome;
            onOpen(outcome);
            return undefined;
          }}
        />
      )}
      {asking === 'join' && (
        <JoinDialog
          given={given}
          onClose={close}
          onJoined={(scope) => {
            close();
            onOpen(scope);
          }}
        />
      )}
    </nav>
  );
}

interface RoomLinkProps {
  readonly scope: Scope;
  readonly name: string;
  readonly icon: IconName;
  readonly onOpen: (scope: Scope) => void;
}

function RoomLink({ scope, name, icon, onOpen }: RoomLinkProps) {
  const current = useWorkspace((state) => state.selected === scope);
  const unread = useWorkspace((state) => state.unread[scope] ?? 0);
  const asking = useWorkspace((state) => peopleOf(state, networkOf(scope) ?? '').requests.length);
  return (
    <li>
      <button
        type="button"
        className="row"
        aria-current={current ? 'page' : undefined}
        onClick={() => onOpen(scope)}
      >
        <Icon name={icon} />
        <span className="row-name">{name}</span>
        {asking > 0 && <span className="role">{asking} asking</span>}
        {unread > 0 && (
          <span className="badge">
            {unread > 99 ? '99+' : unread}
            <span className="hidden"> unread</span>
          </span>
        )}
      </button>
    </li>
  );
}

const JOIN_WORDS: Readonly<Record<Network['joinPolicy'], string>> = {
  open: 'Join',
  approval: 'Ask to join',
  invite: 'By invitation',
};

function OpenNetwork({
  network,
  onOpen,
}: {
  readonly network: Network;
  readonly onOpen: (scope: Scope) => void;
}) {
  const { networks } = useSession();
  const asked = useWorkspace((state) => state.asked.includes(network.id));
  const [busy, setBusy] = useState(false);
  const row = useFocusHeir<HTMLLIElement>();
  const join = async () => {
    if (busy) return;
    setBusy(true);
    const scope = await networks.join(network.id);
    setBusy(false);
    if (scope) onOpen(scope);
  };
  return (
    <li className="row" ref={row}>
      <Icon name="hash" />
      <span className="row-name">{network.name}</span>
      {network.joinPolicy === 'invite' ? (
        <span className="hint">{JOIN_WORDS.invite}</span>
      ) : (
        <button type="button" className="small" aria-disabled={busy} onClick={() => void join()}>
          {asked ? 'Ask again' : JOIN_WORDS[network.joinPolicy]}
          <span className="hidden"> {network.name}</span>
        </button>
      )}
    </li>
  );
}
