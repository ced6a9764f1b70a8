import { useCallback, useSyncExternalStore } from 'react';
import type { ClientState } from '../session/client-state.js';
import { useClient } from './provider.js';

/** What a server renders and hydration begins with, whatever the client did meanwhile: else React throws the markup away. */
const BEFORE: ClientState = { status: 'idle', since: 0 };
const readBefore = () => BEFORE;

/** `client.state`, told anew whenever it changes: status, since when, next attempt, why it failed. On a server, and while hydrating, it is `idle`. */
export function useClientState(): ClientState {
  const client = useClient();
  const subscribe = useCallback((onChange: () => void) => client.on('state', onChange), [client]);
  return useSyncExternalStore(subscribe, () => client.state, readBefore);
}
