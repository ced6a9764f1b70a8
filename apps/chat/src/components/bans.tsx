import { useState } from 'react';
import { useFocusHeir } from '../hooks/use-focus-heir.js';
import { useSession } from '../hooks/use-session.js';
import type { Ban } from '../state/entities.js';
import { Avatar } from './avatar.js';

/** Who may not come back, for those who may change that. */
export function Bans({ networkId, bans }: { readonly networkId: string; readonly bans: readonly Ban[] }) {
  return (
    <section aria-label={`Banned: ${bans.length}`}>
      <h3>
        Banned <span className="count">{bans.length}</span>
      </h3>
      <ul className="rows">
        {bans.map((ban) => (
          <BanRow key={ban.userId} networkId={networkId} ban={ban} />
        ))}
      </ul>
    </section>
  );
}

function BanRow({
  networkId,
  ban: { userId, name, reason },
}: {
  readonly networkId: string;
  readonly ban: Ban;
}) {
  const { people, store } = useSession();
  const [busy, setBusy] = useState(false);
  const row = useFocusHeir<HTMLLIElement>();
  const lift = async () => {
    if (busy) return;
    setBusy(true);
    const problem = await people.unban(networkId, userId);
    setBusy(false);
    store.dispatch({
      type: 'notice.raised',
      tone: problem ? 'problem' : 'info',
      text: problem?.text ?? `${name} may ask to join again.`,
    });
  };
  return (
    <li className="row member" ref={row}>
      <Avatar userId={userId} name={name} />
      <span className="row-name" title={reason === '' ? undefined : reason}>
        {name}
        {reason !== '' && <span className="row-note">{reason}</span>}
      </span>
      <button type="button" className="small" aria-disabled={busy} onClick={() => void lift()}>
        Unban<span className="hidden"> {name}</span>
      </button>
    </li>
  );
}
