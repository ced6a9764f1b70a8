import type { EventData, ReplyData } from '@goconnect/protocol/validators';
import type { GoConnectError } from '../support/goconnect-error.js';

export type ChatMessage = EventData<'chat.message'>;

/** What stands in for past messages: on its way, there, not to be had from this server (no v1), or refused. */
export type HistoryState =
  | { readonly status: 'waiting' | 'ready' | 'unavailable' }
  | {
      readonly status: 'loading';
      readonly page: 'newest' | 'older';
      readonly meanwhile: readonly MessageEvent[];
    }
  | { readonly status: 'failed'; readonly error: GoConnectError };

/** The messages of one room. */
export interface Timeline {
  /** Oldest first, each id once. Soft-deleted ones stay with an empty body and `deleted_at`. */
  readonly messages: readonly ChatMessage[];
  readonly history: HistoryState;
  /** Where the next older page starts; null at the beginning of the room, or when unknown. */
  readonly older: string | null;
}

export type MessageEvent =
  | { readonly type: 'arrived'; readonly message: ChatMessage }
  | { readonly type: 'edited'; readonly change: EventData<'chat.edited'> }
  | { readonly type: 'deleted'; readonly change: EventData<'chat.deleted'> }
  | { readonly type: 'redacted'; readonly change: EventData<'chat.redacted'> };

export type TimelineEvent =
  | MessageEvent
  | { readonly type: 'history.asked'; readonly page: 'newest' | 'older' }
  | { readonly type: 'history.came'; readonly reply: ReplyData<'chat.history'> }
  | { readonly type: 'history.failed'; readonly error: GoConnectError }
  | { readonly type: 'history.unavailable' };

export const EMPTY_TIMELINE: Timeline = { messages: [], history: { status: 'waiting' }, older: null };

/** Messages kept of one room; past it the oldest go, and can be loaded again. */
export const MESSAGES_KEPT = 1_000;

export function timeline(state: Timeline, event: TimelineEvent): Timeline {
  switch (event.type) {
    case 'history.asked':
      return { ...state, history: { status: 'loading', page: event.page, meanwhile: [] } };
    case 'history.came':
      return withPage(state, event.reply);
    case 'history.failed':
      return { ...state, history: { status: 'failed', error: event.error } };
    case 'history.unavailable':
      return { ...state, history: { status: 'unavailable' } };
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
  const after = history.page === 'older' ? state.messages.filter(({ id }) => !known.has(id)) : [];
  const merged: Timeline = { messages: [...ascending, ...after], older: next, history: { status: 'ready' } };
  return history.meanwhile.reduce(withMessageEvent, merged);
}

function withMessageEvent(state: Timeline, event: MessageEvent): Timeline {
  const { history } = state;
  const told: Timeline =
    history.status === 'loading'
      ? { ...state, history: { ...history, meanwhile: [...history.meanwhile, event].slice(-MESSAGES_KEPT) } }
      : state;
  switch (event.type) {
    case 'arrived': {
      const { message } = event;
      return told.messages.some(({ id }) => id === message.id)
        ? told
        : trimmed({ ...told, messages: [...told.messages, message] });
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

function trimmed(state: Timeline): Timeline {
  if (state.messages.length <= MESSAGES_KEPT) return state;
  const messages = state.messages.slice(-MESSAGES_KEPT);
  return { ...state, messages, older: messages[0]?.id ?? null };
}
