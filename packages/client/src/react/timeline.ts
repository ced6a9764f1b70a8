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
      /** `older` when it was asked for. */
      readonly before: string | null;
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

export interface TimelineState extends Timeline {
  /** The newest message of the newest page. */
  readonly pageEnd: string | undefined;
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

export const EMPTY_TIMELINE: TimelineState = {
  messages: [],
  history: { status: 'waiting' },
  older: null,
  view: 'live',
  pageEnd: undefined,
};

/** Messages kept of one room. */
export const MESSAGES_KEPT = 1_000;

export function timeline(state: TimelineState, event: TimelineEvent): TimelineState {
  switch (event.type) {
    case 'history.asked':
      return {
        ...state,
        history: { status: 'loading', page: event.page, before: state.older, meanwhile: [] },
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
function withPage(state: TimelineState, { messages, next }: ReplyData<'chat.history'>): TimelineState {
  const { history } = state;
  if (history.status !== 'loading') return state;
  const ascending = [...messages].reverse();
  if (history.page === 'newest') {
    const page = { messages: ascending, older: next, view: 'live', pageEnd: ascending.at(-1)?.id } as const;
    return history.meanwhile.reduce(withMessageEvent, { ...page, history: { status: 'ready' } });
  }
  // Meanwhile more was told to stand before the page that it was to precede.
  if (history.before !== state.older) return { ...state, history: { status: 'ready' } };
  const known = new Set(ascending.map(({ id }) => id));
  const [paged, since] = parts(state);
  // What was missed is told while pages of it come: what none of them has yet is older.
  const late = paged.length > 0 && since.some(({ id }) => known.has(id));
  const after = (late ? paged : state.messages).filter(({ id }) => !known.has(id));
  const merged = {
    ...state,
    messages: [...ascending, ...after],
    older: next,
    history: { status: 'ready' },
  } as const;
  // What arrived is there.
  const changes = history.meanwhile.filter(({ type }) => type !== 'arrived');
  return changes.reduce(withMessageEvent, bounded(merged));
}

function withMessageEvent(state: TimelineState, event: MessageEvent): TimelineState {
  const { history } = state;
  const told: TimelineState =
    history.status === 'loading'
      ? { ...state, history: { ...history, meanwhile: [...history.meanwhile, event] } }
      : state;
  switch (event.type) {
    case 'arrived':
      return told.view === 'cut' ? told : withMessage(told, event.message);
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

function withMessage(state: TimelineState, message: ChatMessage): TimelineState {
  const [paged, since] = parts(state);
  if (since.some(({ id }) => id === message.id)) return state;
  const at = paged.findIndex(({ id }) => id === message.id);
  if (at < 0) return bounded({ ...state, messages: [...state.messages, message] });
  const [oldest] = since;
  if (!oldest) return state;
  // More was missed than the page has: what was told before something of the page is older, though it came later.
  return {
    ...state,
    messages: [...paged.slice(0, at), ...since, ...paged.slice(at)],
    older: at === 0 ? oldest.id : state.older,
  };
}

/** Up to the end of the newest page, and what was told since. */
function parts({ messages, pageEnd }: TimelineState): readonly [paged: ChatMessage[], since: ChatMessage[]] {
  const end = messages.findIndex(({ id }) => id === pageEnd) + 1;
  return [messages.slice(0, end), messages.slice(end)];
}

function changed(
  state: TimelineState,
  id: string,
  change: (message: ChatMessage) => ChatMessage,
): TimelineState {
  return {
    ...state,
    messages: state.messages.map((message) => (message.id === id ? change(message) : message)),
  };
}

/** What goes is never what the reader asked for last. */
function bounded(state: TimelineState): TimelineState {
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
