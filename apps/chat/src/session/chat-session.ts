import { createClient, GoConnectError } from '@goconnect/client';
import { indexedDbStorage } from '@goconnect/client/storage/indexeddb';
import { ApiError } from '../api/api-error.js';
import type { AuthApi } from '../api/auth-api.js';
import { createNetworkApi } from '../api/network-api.js';
import type { Edit } from '../state/edit.js';
import { networkOf, networkScope, type Scope } from '../state/entities.js';
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
import { followOutbox } from './follow-outbox.js';
import type { Login } from './login-vault.js';
import { createMessageActions } from './message-actions.js';
import { createNetworkActions } from './network-actions.js';
import { newKey } from './new-key.js';
import { createPeopleActions } from './people-actions.js';
import type { Client } from './session-context.js';
import type { TabMemory } from './tab-memory.js';
import type { TokenKeeper } from './token-keeper.js';

export interface ChatSessionOptions {
  readonly login: Login;
  readonly tokens: TokenKeeper;
  readonly auth: AuthApi;
  readonly memory: TabMemory;
  /** Origin of the HTTP API; the WebSocket is at the same place. */
  readonly base: string;
}

/** What is given up to say goodbye, at the most. */
const GOODBYE_MS = 1_000;

/** Everything between signing in and signing out: one connection, one state, and what can be done. */
export function createChatSession({ login, tokens, base, auth, memory }: ChatSessionOptions) {
  const { user } = login;
  const client = createClient({
    url: `${base.replace(/^http/, 'ws')}/v1/ws`,
    // In a subprotocol, so that the token stands in no address and no access log (B1.2).
    tokenTransport: 'subprotocol',
    // The refresh token stays in the vault, where all tabs take turns: over the socket each would spend it unseen by the others.
    token: async ({ reason }) => {
      const accessToken = await tokens.accessToken({ fresh: reason !== 'connect' }).catch(signInAgain);
      return { accessToken, expiresIn: tokens.expiresIn() };
    },
    // A database a person: whoever opens it sends what is in it.
    outbox: { storage: indexedDbStorage({ name: `goconnect-outbox-${user.id}` }) },
  });
  const api = createNetworkApi(base, () => tokens.accessToken());
  const store = createStore(workspace, initialWorkspace(user, memory.asked));
  const context = { me: user, client, api, store };
  const networks = createNetworkActions(context);
  const people = createPeopleActions(context);
  const messages = createMessageActions(context, (userIds) => void people.meet(userIds));

  /** Looks at a room: what is not known of it is asked for. */
  function look(scope: string): void {
    const { status } = roomOf(store.get(), scope).history;
    if (status === 'unread' || status === 'failed') void messages.loadNewest(scope);
    const networkId = networkOf(scope);
    if (networkId !== undefined) void people.ensure(networkId);
  }

  /** The base contract repeats nothing that was missed, so after each (re)connection the page asks for it. */
  function catchUp(): void {
    const { rooms, selected, phase } = store.get();
    if (phase === 'arriving') return;
    for (const scope of Object.keys(rooms))
      store.dispatch({ type: 'room.event', scope, event: { type: 'history.stale' } });
    // Also while a first page is on its way: it may have been read before the connection was there.
    void messages.loadNewest(selected);
    void networks.load().then(people.meetEveryone);
  }

  /** Revoking needs an access token; without one in hand the refresh token buys a last one. */
  async function revoke(refreshToken: string, inHand: string | undefined): Promise<void> {
    if (inHand !== undefined) return await api.logout(refreshToken, inHand);
    const last = await auth.refresh(refreshToken, newKey());
    await api.logout(last.refreshToken, last.accessToken);
  }

  followOutbox(context, messages);
  let { asked } = store.get();
  store.subscribe(() => {
    if (asked === store.get().asked) return;
    asked = store.get().asked;
    memory.keepAsked(asked);
  });
  followEvents(context, { networks, people }, (scope) => void messages.loadNewest(scope));
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
    people,
    memory,
    /** message id -> what was typed into it and not saved. Forms are drawn anew when something before them goes. */
    edits: new Map<string, Edit>(),
    open(scope: Scope): void {
      store.dispatch({ type: 'room.selected', scope });
      look(scope);
    },
    /** Connects and shows the liveliest of one's networks. Problems show in the state, not here. */
    async start(): Promise<void> {
      client.connect().catch(() => {});
      await networks.load();
      await people.meetEveryone();
      this.open(liveliest(store.get()));
    },
    place: login.place,
    /** The login only: this tab begins with the sign-in form next time. */
    forget: () => void login.forget(),
    /** Ends the connection. What is not sent stays in the storage, for this person's next session. */
    async leave(): Promise<void> {
      await client.close().catch(() => {});
    },
    /** Says goodbye: what can be sent at once is, the rest is discarded, and the login is revoked. */
    async signOut(): Promise<void> {
      const refreshToken = login.forget();
      memory.forget();
      const inHand = tokens.inHand();
      // Without a connection nothing can be sent any more, and on a shared computer nothing should lie about.
      if (client.state.status !== 'connected')
        for (const { opId } of client.outbox.entries()) client.outbox.cancel(opId);
      await client.close({ flushMs: GOODBYE_MS }).catch(() => {});
      if (refreshToken !== undefined) await revoke(refreshToken, inHand).catch(() => {});
    },
  };
}

export type ChatSession = ReturnType<typeof createChatSession>;

/** Where most people are, so that whoever comes in does not stand in an empty room. */
function liveliest(state: Workspace): Scope {
  const size = (id: string) => peopleOf(state, id).members.length;
  const [first] = [...state.networks.mine].sort((a, b) => size(b.id) - size(a.id));
  return first ? networkScope(first.id) : 'host';
}

/** Tells the SDK apart what ends a session (no token will ever come) from what passes (the server is away). */
function signInAgain(error: unknown): never {
  if (error instanceof ApiError && error.status === 401) {
    throw new GoConnectError('auth_failed', 'The refresh token is no longer accepted', { cause: error });
  }
  throw error;
}

/** A7: the server takes no more connections of this user. */
const TOO_MANY_CONNECTIONS = 4429;

function connectionView(client: Client): ConnectionView {
  const { status, nextRetryAt, lastEnd } = client.explain();
  return { status, crowded: lastEnd?.code === TOO_MANY_CONNECTIONS, nextRetryAt: nextRetryAt ?? null };
}
