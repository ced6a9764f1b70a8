import { createContext, type ReactNode, use, useSyncExternalStore } from 'react';
import type { ChatSession } from '../session/chat-session.js';
import type { Workspace } from '../state/workspace.js';

const SessionContext = createContext<ChatSession | undefined>(undefined);

export function SessionProvider({
  session,
  children,
}: {
  readonly session: ChatSession;
  readonly children: ReactNode;
}) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): ChatSession {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession is for components inside <SessionProvider>');
  return session;
}

/** A part of the state; the component is drawn again only when that part is another one. */
export function useWorkspace<T>(select: (state: Workspace) => T): T {
  const { store } = useSession();
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
