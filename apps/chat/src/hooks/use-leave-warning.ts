import { useEffect } from 'react';
import { waitingCount } from '../state/waiting.js';
import { useWorkspace } from './use-session.js';

/** What waits to be sent lives in this tab only: the browser asks before it is thrown away. */
export function useLeaveWarning(): void {
  const waiting = useWorkspace((state) => waitingCount(state) > 0);
  useEffect(() => {
    if (!waiting) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [waiting]);
}
