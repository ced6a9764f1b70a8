import type { GoConnectClient } from '../client.js';
import type { GoConnectError } from '../support/goconnect-error.js';
import {
  EMPTY_TIMELINE,
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
  /** The page before the oldest message; nothing while a page is on its way, or at the beginning of the room. */
  readonly loadOlder: () => Promise<void>;
  /** The newest page again, after a failure. */
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
  const watchers = new Set<() => void>();
  let state = EMPTY_TIMELINE;
  let stop: (() => void) | undefined;
  let release: ReturnType<typeof setTimeout> | undefined;
  /** Grows with each request and each end of listening: an answer to an older one is nobody's. */
  let asked = 0;

  const tell = (event: TimelineEvent): void => {
    const next = timeline(state, event);
    if (next === state) return;
    state = next;
    for (const watcher of watchers) watcher();
  };
  const load = async (page: Page): Promise<void> => {
    asked++;
    const mine = asked;
    const before = page === 'older' ? (state.older ?? undefined) : undefined;
    tell({ type: 'history.asked', page });
    try {
      const reply = await client.room(room).history({ before });
      if (mine === asked) tell({ type: 'history.came', reply });
    } catch (error) {
      // `request` rejects with nothing else.
      if (mine === asked) tell({ type: 'history.failed', error: error as GoConnectError });
    }
  };
  const reload = async (): Promise<void> => {
    if (client.capabilities.session) await load('newest');
    else tell({ type: 'history.unavailable' });
  };
  /** On v1 what was missed comes by itself, so one page is enough until a gap is told. */
  const onConnected = (): void => {
    const { status } = state.history;
    if (client.state.status === 'connected' && status !== 'ready' && status !== 'loading') void reload();
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
      client.on('gap', (gap) => (gap.room === room ? reload() : undefined)),
      client.on('state', onConnected),
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
      if (state.older !== null && state.history.status !== 'loading') await load('older');
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
