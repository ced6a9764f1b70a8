import { createClient, GoConnectError } from '@goconnect/client';
import { ApiError } from '../api/api-error.js';
import { createNetworkApi } from '../api/network-api.js';
import { networkOf, networkScope, type Scope, type User } from '../state/entities.js';
import { createStore } from '../state/store.js';
import {
  type ConnectionView,
  initialWorkspace,
  peopleOf,
  roomOf,
  type Workspace,
  workspace,
} from '../state/workspace.js';
import { followEvents } from './follow-events.js';
import { createMessageActions } from './message-actions.js';
import { createNetworkActions } from './network-actions.js';
import type { Client } from './session-context.js';
import type { TokenKeeper } from './token-keeper.js';

export interface ChatSessionOptions {
  readonly user: User;
  readonly tokens: TokenKeeper;
  /** Origin of the HTTP API; the WebSocket is at the same place. */
  readonly base: string;
}

/** What is given up to say goodbye, at the most. */
const GOODBYE_MS = 1_000;

/** Everything between signing in and signing out: one connection, one state, and what can be done. */
export function createChatSession({ user, tokens, base }: ChatSessionOptions) {
  const client = createClient({
    url: `${base.replace(/^http/, 'ws')}/v1/ws`,
    token: async ({ reason }) => {
      const accessToken = await tokens.accessToken({ fresh: reason !== 'connect' }).catch(signInAgain);
      return { accessToken, refreshToken: tokens.refreshToken(), expiresIn: tokens.expiresIn() };
    },
    onTokens: ({ accessToken, refreshToken = tokens.refreshToken(), expiresIn = 0 }) => {
      tokens.keep({ accessToken, refreshToken, expiresIn });
    },
  });
  const api = createNetworkApi(base, () => tokens.accessToken());
  const store = createStore(workspace, initialWorkspace(user));
  const context = { me: user, client, api, store };
  const messages = createMessageActions(context);
  const networks = createNetworkActions(context);

  /** Looks at a room: what is not known of it is asked for. */
  function look(scope: string): void {
    const { status } = roomOf(store.get(), scope).history;
    if (status === 'unread' || status === 'failed') void messages.loadNewest(scope);
    const networkId = networkOf(scope);
    if (networkId !== undefined) void networks.ensurePeople(networkId);
  }

  /** The base contract repeats nothing that was missed, so after each (re)connection the page asks for it. */
  function catchUp(): void {
    const { rooms, selected, phase } = store.get();
    if (phase === 'arriving') return;
    for (const scope of Object.keys(rooms))
      store.dispatch({ type: 'room.event', scope, event: { type: 'history.stale' } });
    // Also while a first page is on its way: it may have been read before the connection was there.
    void messages.loadNewest(selected);
    void networks.loadNetworks().then(networks.meetEveryone);
  }

  followEvents(context, networks, (scope) => void messages.loadNewest(scope));
  client.on('state', () => {
    const before = store.get().connection.status;
    const connection = connectionView(client);
    store.dispatch({ type: 'connection.changed', connection });
    if (connection.status === 'connected' && before !== 'connected') catchUp();
  });

  return {
    store,
    messages,
    networks,
    /** What was typed in each room and not sent. */
    drafts: new Map<string, string>(),
    open(scope: Scope): void {
      store.dispatch({ type: 'room.selected', scope });
      look(scope);
    },
    /** Connects and shows the liveliest of one's networks. Problems show in the state, not here. */
    async start(): Promise<void> {
      client.connect().catch(() => {});
      await networks.loadNetworks();
      await networks.meetEveryone();
      this.open(liveliest(store.get()));
    },
    async end({ revoke }: { readonly revoke: boolean }): Promise<void> {
      await client.close({ flushMs: GOODBYE_MS }).catch(() => {});
      if (revoke) await api.logout(tokens.refreshToken()).catch(() => {});
    },
  };
}

export type ChatSession = ReturnType<typeof createChatSession>;

/** Where most people are, so that whoever comes in does not stand in an empty room. */
function liveliest(state: Workspace): Scope {
  const people = (id: string) => peopleOf(state, id).members.length;
  const [first] = [...state.networks.mine].sort((a, b) => people(b.id) - people(a.id));
  return first ? networkScope(first.id) : 'host';
}

/** Tells the SDK apart what ends a session (no token will ever come) from what passes (the server is away). */
function signInAgain(error: unknown): never {
  if (error instanceof ApiError && error.status === 401) {
    throw new GoConnectError('auth_failed', 'The refresh token is no longer accepted', { cause: error });
  }
  throw error;
}

function connectionView(client: Client): ConnectionView {
  const { status, why, remedy, nextRetryAt } = client.explain();
  return { status, why: why ?? '', remedy: remedy ?? '', nextRetryAt: nextRetryAt ?? null };
}
