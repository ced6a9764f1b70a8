import { useWorkspace } from '../hooks/use-session.js';
import { Avatar } from './avatar.js';
import { Brand } from './brand.js';
import { ConnectionChip } from './connection-chip.js';

export function Banner({ onSignOut }: { readonly onSignOut: () => void }) {
  const me = useWorkspace((state) => state.me);
  return (
    <header className="banner">
      <Brand />
      <ConnectionChip />
      <span className="banner-me">
        <Avatar userId={me.id} name={me.name} />
        <span className="banner-name">{me.name}</span>
      </span>
      <button type="button" className="quiet" onClick={onSignOut}>
        Sign out
      </button>
    </header>
  );
}
