import { useWorkspace } from '../hooks/use-session.js';
import type { ConnectionView } from '../state/workspace.js';

const WORDS: Readonly<Record<ConnectionView['status'], string>> = {
  idle: 'Not connected',
  connecting: 'Connecting …',
  connected: 'Connected',
  waiting: 'Reconnecting …',
  suspended: 'Offline',
  failed: 'Stopped',
  closed: 'Closed',
};

/** Always in sight, and spoken when it changes. */
export function ConnectionChip() {
  const status = useWorkspace((state) => state.connection.status);
  return (
    <span className="connection-chip" role="status" data-status={status}>
      {WORDS[status]}
    </span>
  );
}
