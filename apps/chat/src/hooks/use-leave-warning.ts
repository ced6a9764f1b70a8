import { useEffect } from 'react';
import { waitingCount } from '../state/waiting.js';
import { useWorkspace } from './use-session.js';

/** What waits to be sent outlives the page, where the browser can keep it. Where it cannot, it asks before that is thrown away. */
export function useLeaveWarning(): void {
  const waiting = useWorkspace((state) => waitingCount(state) > 0 && !state.durable);
  useEffect(() => {
    if (!waiting) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [waiting]);
}
