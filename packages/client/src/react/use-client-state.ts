import { useCallback, useSyncExternalStore } from 'react';
import type { ClientState } from '../session/client-state.js';
import { useClient } from './provider.js';

/** `client.state`, told anew whenever it changes: status, since when, next attempt, why it failed. */
export function useClientState(): ClientState {
  const client = useClient();
  const subscribe = useCallback((onChange: () => void) => client.on('state', onChange), [client]);
  const read = () => client.state;
  return useSyncExternalStore(subscribe, read, read);
}
