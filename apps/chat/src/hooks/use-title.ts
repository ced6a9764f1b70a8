import { useEffect } from 'react';
import { useWorkspace } from './use-session.js';

/** The number of unread messages, where a tab in the background shows it. */
export function useTitle(): void {
  const unread = useWorkspace((state) => Object.values(state.unread).reduce((sum, count) => sum + count, 0));
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) GoConnect` : 'GoConnect';
    return () => {
      document.title = 'GoConnect';
    };
  }, [unread]);
}
