import { useState } from 'react';
import { useLeaveWarning } from '../hooks/use-leave-warning.js';
import { useSession, useWorkspace } from '../hooks/use-session.js';
import { useTitle } from '../hooks/use-title.js';
import { networkOf, type Scope } from '../state/entities.js';
import type { Pane } from '../state/pane.js';
import { Banner } from './banner.js';
import { ConnectionStrip } from './connection-strip.js';
import { DepartureNotice } from './departure-notice.js';
import { NetworkList } from './network-list.js';
import { Notices } from './notices.js';
import { PeoplePanel } from './people-panel.js';
import { RoomPane } from './room-pane.js';

export interface WorkspaceViewProps {
  readonly onSignOut: () => void;
  readonly onSignInAgain: () => void;
}

export function WorkspaceView({ onSignOut, onSignInAgain }: WorkspaceViewProps) {
  const session = useSession();
  const selected = useWorkspace((state) => state.selected);
  const departure = useWorkspace((state) => state.departures[networkOf(state.selected) ?? '']);
  const connection = useWorkspace((state) => state.connection.status);
  const arriving = useWorkspace((state) => state.phase === 'arriving');
  const [pane, setPane] = useState<Pane>('room');
  useTitle();
  useLeaveWarning();

  const open = (scope: Scope) => {
    session.open(scope);
    setPane('room');
  };
  return (
    <div className="workspace" data-pane={pane} data-connection={connection}>
      <a className="skip-link" href="#message-box">
        Skip to the message box
      </a>
      <Banner onSignOut={onSignOut} />
      <ConnectionStrip onSignInAgain={onSignInAgain} />
      <div className="panes">
        <NetworkList onOpen={open} />
        <main className="room">
          {arriving ? (
            <p className="history-head">One moment …</p>
          ) : departure ? (
            <DepartureNotice departure={departure} onBack={() => setPane('list')} />
          ) : (
            <RoomPane key={selected} scope={selected} pane={pane} onPane={setPane} />
          )}
        </main>
        {!departure && !arriving && <PeoplePanel scope={selected} onClose={() => setPane('room')} />}
      </div>
      <Notices />
    </div>
  );
}
