import { useWorkspace } from '../hooks/use-session.js';
import { networkOf, type Scope } from '../state/entities.js';
import type { Pane } from '../state/pane.js';
import { peopleOf, type Workspace } from '../state/workspace.js';
import { Icon } from './icon.js';
import { NetworkMenu } from './network-menu.js';

export interface RoomHeaderProps {
  readonly scope: Scope;
  readonly pane: Pane;
  readonly onPane: (pane: Pane) => void;
}

export function RoomHeader({ scope, pane, onPane }: RoomHeaderProps) {
  const networkId = networkOf(scope);
  const network = useWorkspace((state) => state.networks.mine.find(({ id }) => id === networkId));
  const requests = useWorkspace((state) =>
    networkId === undefined ? 0 : peopleOf(state, networkId).requests.length,
  );
  const subtitle = useWorkspace((state) => subtitleOf(state, networkId));
  return (
    <div className="room-header">
      <button
        type="button"
        className="icon-button phone-only"
        aria-label="Back to the networks"
        onClick={() => onPane('list')}
      >
        <Icon name="back" />
      </button>
      <div className="room-title">
        <h1>{networkId === undefined ? 'Everyone' : (network?.name ?? 'This network')}</h1>
        <p className="hint">{subtitle}</p>
      </div>
      <button
        type="button"
        className="people-toggle"
        aria-expanded={pane === 'people'}
        aria-controls="people"
        onClick={() => onPane(pane === 'people' ? 'room' : 'people')}
      >
        <Icon name="people" />
        People
        {requests > 0 && (
          <span className="badge">
            {requests}
            <span className="hidden"> asking to join</span>
          </span>
        )}
      </button>
      {network && <NetworkMenu network={network} />}
    </div>
  );
}

function subtitleOf(state: Workspace, networkId: string | undefined): string {
  if (networkId === undefined) return 'All who are signed in';
  const { members } = peopleOf(state, networkId);
  if (members.length === 0) return '';
  const count = members.length === 1 ? 'One member' : `${members.length} members`;
  // Without a connection nobody knows who is here.
  if (state.connection.status !== 'connected') return count;
  const online = members.filter(({ userId }) => (state.presence[userId] ?? 'offline') !== 'offline').length;
  return `${count}, ${online} online`;
}
