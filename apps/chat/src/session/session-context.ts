import type { createClient } from '@goconnect/client';
import type { NetworkApi } from '../api/network-api.js';
import type { User } from '../state/entities.js';
import type { Store } from '../state/store.js';
import type { Workspace, WorkspaceEvent } from '../state/workspace.js';

export type Client = ReturnType<typeof createClient>;

/** What every action of a session works with. */
export interface SessionContext {
  readonly me: User;
  readonly client: Client;
  readonly api: NetworkApi;
  readonly store: Store<Workspace, WorkspaceEvent>;
}
