import { useNow } from '../hooks/use-now.js';
import { useWorkspace } from '../hooks/use-session.js';
import { waitingCount } from '../state/waiting.js';
import type { ConnectionView, Workspace } from '../state/workspace.js';

/** What is wrong with the connection, what happens next, and what is kept meanwhile. Nothing while all is well. */
export function ConnectionStrip({ onSignInAgain }: { readonly onSignInAgain: () => void }) {
  const connection = useWorkspace((state) => state.connection);
  const why = useWorkspace(explanation);
  const waiting = useWorkspace(waitingCount);
  const { status, nextRetryAt } = connection;
  const now = useNow(500, nextRetryAt !== null);
  if (status === 'connected' || status === 'idle' || (status === 'connecting' && waiting === 0)) return null;
  const seconds = nextRetryAt === null ? 0 : Math.ceil((nextRetryAt - now) / 1000);
  return (
    <section className="connection-strip" data-status={status} aria-label="Connection">
      <p>
        {why}
        {/* The countdown is for the eye; a voice that counts seconds would be in the way. */}
        {seconds > 0 && <span aria-hidden="true"> Next try in {seconds} s.</span>} {kept(status, waiting)}
      </p>
      {status === 'failed' && (
        <button type="button" className="primary" onClick={onSignInAgain}>
          Sign in again
        </button>
      )}
    </section>
  );
}

/** What is wrong with the connection, for a person. */
export function explanation({ connection: { status, crowded }, connectedBefore }: Workspace): string {
  if (status === 'failed')
    return 'The server no longer accepts this sign-in, so the page has stopped trying.';
  if (crowded)
    return 'GoConnect is open in too many places: the server takes no more connections of you. Close it in another tab or on another device; the page keeps trying.';
  if (status === 'suspended')
    return 'There has been no connection for a while. The page keeps trying; what others write now is loaded later.';
  return connectedBefore
    ? 'The connection is lost. The page is trying to get it back.'
    : 'There is no connection yet. The page keeps trying.';
}

function kept(status: ConnectionView['status'], waiting: number): string {
  if (waiting === 0) return status === 'failed' ? '' : 'What you write is kept and sent then.';
  return waiting === 1 ? 'One message is waiting to be sent.' : `${waiting} messages are waiting to be sent.`;
}
