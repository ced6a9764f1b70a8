import { useEffect } from 'react';
import { useSession, useWorkspace } from '../hooks/use-session.js';
import type { Notice } from '../state/workspace.js';
import { Icon } from './icon.js';

/** News go by themselves after a while; problems stay until they have been read. */
const SHOWN_MS = 10_000;

export function Notices() {
  const notices = useWorkspace((state) => state.notices);
  return (
    <section className="notices" aria-label="News" aria-live="polite">
      {notices.map((notice) => (
        <NoticeItem key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function NoticeItem({ notice: { id, tone, text } }: { readonly notice: Notice }) {
  const { store } = useSession();
  useEffect(() => {
    if (tone === 'problem') return;
    const timer = setTimeout(() => store.dispatch({ type: 'notice.dismissed', id }), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [store, id, tone]);
  return (
    <div className="notice" data-tone={tone}>
      <p>{text}</p>
      <button
        type="button"
        className="icon-button"
        aria-label="Dismiss"
        onClick={() => store.dispatch({ type: 'notice.dismissed', id })}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
