import type { EventData, ReplyData } from '@goconnect/protocol/validators';
import type { GoConnectError } from '../support/goconnect-error.js';

export type ChatMessage = EventData<'chat.message'>;

export type Page = 'newest' | 'older';

/** What stands in for past messages: on its way, there, not to be had from this server (no v1), or refused. */
export type HistoryState =
  | { readonly status: 'waiting' | 'ready' | 'unavailable' }
  | {
      readonly status: 'loading';
      readonly page: Page;
      /** Past 1,000 the page is asked for again. */
      readonly meanwhile: readonly MessageEvent[];
    }
  | { readonly status: 'failed'; readonly page: Page; readonly error: GoConnectError };

/** The messages of one room. */
export interface Timeline {
  /** Oldest first, each id once. Soft-deleted ones stay with an empty body and `deleted_at`. */
  readonly messages: readonly ChatMessage[];
  readonly history: HistoryState;
  /** Where the next older page starts; null at the beginning of the room, when unknown, and where no past is to be had. */
  readonly older: string | null;
  /**
   * What is in view, and what goes when it is more than 1,000 messages. `live`: the newest; the oldest go, and `older` loads them again.
   * `back`: older pages were loaded, too, and stay; the newest go. `cut`: they did, and what comes is not added; `reload()` shows the newest.
   */
  readonly view: 'live' | 'back' | 'cut';
}

export type MessageEvent =
  | { readonly type: 'arrived'; readonly message: ChatMessage }
  | { readonly type: 'edited'; readonly change: EventData<'chat.edited'> }
  | { readonly type: 'deleted'; readonly change: EventData<'chat.deleted'> }
  | { readonly type: 'redacted'; readonly change: EventData<'chat.redacted'> };

export type TimelineEvent =
  | MessageEvent
  | { readonly type: 'history.asked'; readonly page: Page }
  | { readonly type: 'history.came'; readonly reply: ReplyData<'chat.history'> }
  | { readonly type: 'history.failed'; readonly page: Page; readonly error: GoConnectError }
  | { readonly type: 'history.unavailable' };

export const EMPTY_TIMELINE: Timeline = {
  messages: [],
  history: { status: 'waiting' },
  older: null,
  view: 'live',
};

/** Messages kept of one room. */
export const MESSAGES_KEPT = 1_000;

export function timeline(state: Timeline, event: TimelineEvent): Timeline {
  switch (event.type) {
    case 'history.asked':
      return {
        ...state,
        history: { status: 'loading', page: event.page, meanwhile: [] },
        // From now on: the page is to fit what is before it when it comes.
        view: event.page === 'older' && state.view === 'live' ? 'back' : state.view,
      };
    case 'history.came':
      return withPage(state, event.reply);
    case 'history.failed':
      return { ...state, history: { status: 'failed', page: event.page, error: event.error } };
    case 'history.unavailable':
      return { ...state, history: { status: 'unavailable' }, older: null, view: 'live' };
    default:
      return withMessageEvent(state, event);
  }
}

/**
 * A page may have been read before something that was told while it was on its way, so that is told to it again. Nothing is lost by
 * telling twice: a known message does not come again, and a change says what is, not by how much.
 */
function withPage(state: Timeline, { messages, next }: ReplyData<'chat.history'>): Timeline {
  const { history } = state;
  if (history.status !== 'loading') return state;
  const ascending = [...messages].reverse();
  const known = new Set(ascending.map(({ id }) => id));
  const after = state.messages.filter(({ id }) => !known.has(id));
  const paged = { ...state, older: next, history: { status: 'ready' } } as const;
  const merged: Timeline =
    history.page === 'newest'
      ? { ...paged, messages: ascending, view: 'live' }
      : bounded({ ...paged, messages: [...ascending, ...after] });
  return history.meanwhile.reduce(withMessageEvent, merged);
}

function withMessageEvent(state: Timeline, event: MessageEvent): Timeline {
  const { history } = state;
  const told: Timeline =
    history.status === 'loading'
      ? { ...state, history: { ...history, meanwhile: [...history.meanwhile, event] } }
      : state;
  switch (event.type) {
    case 'arrived': {
      const { message } = event;
      return told.view === 'cut' || told.messages.some(({ id }) => id === message.id)
        ? told
        : bounded({ ...told, messages: [...told.messages, message] });
    }
    case 'edited': {
      const { message_id, new_body: body, edited_at } = event.change;
      return changed(told, message_id, (message) => ({ ...message, body, edited_at }));
    }
    case 'deleted': {
      const { message_id, mode, deleted_at } = event.change;
      if (mode === 'hard') return { ...told, messages: told.messages.filter(({ id }) => id !== message_id) };
      return changed(told, message_id, (message) => ({ ...message, body: '', attachments: [], deleted_at }));
    }
    case 'redacted': {
      const { message_id, redaction_mask: body } = event.change;
      return changed(told, message_id, (message) => ({ ...message, body, attachments: [], redacted: true }));
    }
  }
}

function changed(state: Timeline, id: string, change: (message: ChatMessage) => ChatMessage): Timeline {
  return {
    ...state,
    messages: state.messages.map((message) => (message.id === id ? change(message) : message)),
  };
}

/** What goes is never what the reader asked for last. */
function bounded(state: Timeline): Timeline {
  const { messages, history, view } = state;
  if (messages.length <= MESSAGES_KEPT) return state;
  if (view !== 'live') return { ...state, messages: messages.slice(0, MESSAGES_KEPT), view: 'cut' };
  const newest = messages.slice(-MESSAGES_KEPT);
  return {
    ...state,
    messages: newest,
    older: history.status === 'unavailable' ? null : (newest[0]?.id ?? null),
  };
}
