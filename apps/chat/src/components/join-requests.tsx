import { useState } from 'react';
import { useFocusHeir } from '../hooks/use-focus-heir.js';
import { useSession, useWorkspace } from '../hooks/use-session.js';
import type { JoinRequest } from '../state/entities.js';
import { nameOf } from '../state/workspace.js';
import { Avatar } from './avatar.js';

export interface JoinRequestsProps {
  readonly networkId: string;
  readonly requests: readonly JoinRequest[];
}

export function JoinRequests({ networkId, requests }: JoinRequestsProps) {
  return (
    <section className="requests" aria-label="Requests to join">
      <h3>
        Asking to join <span className="count">{requests.length}</span>
      </h3>
      <ul className="rows">
        {requests.map((request) => (
          <Request key={request.id} networkId={networkId} userId={request.userId} />
        ))}
      </ul>
    </section>
  );
}

function Request({ networkId, userId }: { readonly networkId: string; readonly userId: string }) {
  const { people } = useSession();
  const name = useWorkspace((state) => nameOf(state, userId));
  const [busy, setBusy] = useState(false);
  const row = useFocusHeir<HTMLLIElement>();
  const settle = async (answer: typeof people.approve) => {
    if (busy) return;
    setBusy(true);
    await answer(networkId, userId);
    setBusy(false);
  };
  return (
    <li className="request" ref={row}>
      <span className="row">
        <Avatar userId={userId} name={name} />
        <span className="row-name">{name}</span>
      </span>
      <span className="request-actions">
        <button
          type="button"
          className="small primary"
          aria-disabled={busy}
          onClick={() => void settle(people.approve)}
        >
          Approve<span className="hidden"> {name}</span>
        </button>
        <button type="button" className="small" aria-disabled={busy} onClick={() => void settle(people.deny)}>
          Deny<span className="hidden"> {name}</span>
        </button>
      </span>
    </li>
  );
}
