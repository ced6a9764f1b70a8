import type { GoConnectClient } from '../client.js';
import type { GoConnectError } from '../support/goconnect-error.js';
import { roomPlaces } from './room-places.js';
import {
  EMPTY_TIMELINE,
  type HistoryState,
  MESSAGES_KEPT,
  type MessageEvent,
  type Page,
  type Timeline,
  type TimelineEvent,
  timeline,
} from './timeline.js';

/** The timeline of one room of one client, shared by all components that show it. Listens only while somebody looks. */
export interface MessageStore {
  readonly subscribe: (onChange: () => void) => () => void;
  readonly read: () => Timeline;
  /**
   * The page before the oldest message; nothing while a page is on its way, or at the beginning of the room. While the newest page could
   * not be had, that one: there may be more missing than the past.
   */
  readonly loadOlder: () => Promise<void>;
  /** The newest page again, in place of all that is there. */
  readonly reload: () => Promise<void>;
}

const stores = new WeakMap<GoConnectClient, Map<string, MessageStore>>();

export function messageStore(client: GoConnectClient, room: string): MessageStore {
  const ofClient = stores.get(client) ?? new Map<string, MessageStore>();
  stores.set(client, ofClient);
  const store = ofClient.get(room) ?? createMessageStore(client, room);
  ofClient.set(room, store);
  return store;
}

function createMessageStore(client: GoConnectClient, room: string): MessageStore {
  // Before any listener here: a hole is noticed before what comes behind it is shown.
  const places = roomPlaces(client);
  const watchers = new Set<() => void>();
  let state = EMPTY_TIMELINE;
  let stop: (() => void) | undefined;
  let release: ReturnType<typeof setTimeout> | undefined;
  /** Grows with each request and each end of listening: an answer to an older one is nobody's. */
  let asked = 0;
  /** Whether a refused page was asked for again since the connection was made, or one came. */
  let insisted: 'no' | 'yes' = 'no';

  const tell = (event: TimelineEvent): void => {
    const next = timeline(state, event);
    if (next === state) return;
    state = next;
    for (const watcher of watchers) watcher();
  };
  /** Only who is connected knows it: without a connection the request waits for one. */
  const hasNoHistory = () => client.state.status === 'connected' && !client.capabilities.session;
  const load = async (page: Page): Promise<void> => {
    if (hasNoHistory()) return tell({ type: 'history.unavailable' });
    asked++;
    const mine = asked;
    const before = page === 'older' ? (state.older ?? undefined) : undefined;
    tell({ type: 'history.asked', page });
    try {
      const reply = await client.room(room).history({ before });
      if (mine !== asked) return;
      insisted = 'no';
      tell({ type: 'history.came', reply });
    } catch (error) {
      if (mine !== asked) return;
      // `request` rejects with nothing else.
      const failed = { type: 'history.failed', page, error: error as GoConnectError } as const;
      tell(hasNoHistory() ? { type: 'history.unavailable' } : failed);
    }
  };
  const reload = () => load('newest');
  /** On v1 what was missed comes by itself, so one page is enough until something does not. */
  const onConnected = (): void => {
    if (client.state.status !== 'connected') return;
    insisted = 'no';
    if (lacksNewest(state.history)) void reload();
  };
  const onEntry = (follows: boolean): void => {
    // Who is told an entry is a member, also where the past was refused because one was none yet. Refused again, it stays so.
    const insists = isRefused(state.history) && insisted === 'no';
    if (insists) insisted = 'yes';
    if (!follows || insists) void reload();
  };
  const hear = (event: MessageEvent): void => {
    tell(event);
    const { history } = state;
    // A page that is asked for now needs none of it.
    if (history.status === 'loading' && history.meanwhile.length === MESSAGES_KEPT) void load(history.page);
  };
  const listen = (): (() => void) => {
    const handle = client.room(room);
    const stops = [
      client.on('chat.message', (message) => {
        if (message.scope === room) hear({ type: 'arrived', message });
      }),
      handle.on('chat.edited', (change) => hear({ type: 'edited', change })),
      handle.on('chat.deleted', (change) => hear({ type: 'deleted', change })),
      handle.on('chat.redacted', (change) => hear({ type: 'redacted', change })),
      places.watch(room, onEntry),
      client.on('state', onConnected),
      // It may be late: until then the server is taken for one without a past.
      client.on('session.welcome', onConnected),
    ];
    onConnected();
    return () => {
      for (const off of stops) off();
    };
  };

  return {
    read: () => state,
    reload,
    async loadOlder() {
      const { history, older } = state;
      if (history.status === 'loading') return;
      if (lacksNewest(history)) await load('newest');
      else if (older !== null) await load('older');
    },
    subscribe(onChange) {
      clearTimeout(release);
      watchers.add(onChange);
      stop ??= listen();
      return () => {
        watchers.delete(onChange);
        if (watchers.size > 0) return;
        // Not at once: StrictMode lets go and takes hold again within a turn.
        release = setTimeout(() => {
          stop?.();
          stop = undefined;
          asked++;
          state = EMPTY_TIMELINE;
        }, 0);
      };
    },
  };
}

function lacksNewest(history: HistoryState): boolean {
  switch (history.status) {
    case 'waiting':
    case 'unavailable':
      return true;
    case 'failed':
      return history.page === 'newest';
    default:
      return false;
  }
}

function isRefused(history: HistoryState): boolean {
  return (
    history.status === 'failed' &&
    history.page === 'newest' &&
    ['ERR_FORBIDDEN', 'ERR_NOT_FOUND'].includes(history.error.code)
  );
}
