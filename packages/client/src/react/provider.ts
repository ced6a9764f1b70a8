import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
} from 'react';
import type { GoConnectClient } from '../client.js';
import { holdConnection } from './connection-lease.js';
import { roomPlaces } from './room-places.js';

const ClientContext = createContext<GoConnectClient | undefined>(undefined);

export interface GoConnectProviderProps {
  /** Made once, outside of any component: `const client = createClient({ … })`. */
  readonly client: GoConnectClient;
  /**
   * `mounted` (default): connects with the first provider of this client and closes after the last one has gone. `app`: the provider only
   * hands the client down; your code calls `connect()` and `close()`.
   */
  readonly lifetime?: 'mounted' | 'app' | undefined;
  /** What closing waits for unsettled operations, ms, with `mounted`. Default 0. */
  readonly flushMs?: number | undefined;
  readonly children?: ReactNode;
}

/** Gives the components below a client. StrictMode and hot reloading do not make it dial twice. */
export function GoConnectProvider({
  client,
  lifetime = 'mounted',
  flushMs = 0,
  children,
}: GoConnectProviderProps): ReactElement {
  // From before the welcome on, also of rooms that are shown only later.
  useEffect(() => void roomPlaces(client), [client]);
  useEffect(
    () => (lifetime === 'mounted' ? holdConnection(client, flushMs) : undefined),
    [client, lifetime, flushMs],
  );
  return createElement(ClientContext.Provider, { value: client }, children);
}

/** The client of the nearest provider. Throws where there is none. */
export function useClient(): GoConnectClient {
  const client = useContext(ClientContext);
  if (!client)
    throw new Error(
      'useClient() works only below a <GoConnectProvider client={…}>. Put one around your app.',
    );
  return client;
}
