import type { Draft } from './draft.js';
import type { ChangeKind, Message } from './message.js';
import { createdAt, edited, redacted, softlyDeleted } from './message.js';
import type { Problem } from './problem.js';

/** An own message on its way: shown at once, gone as soon as the server's copy of it stands in `messages`. */
export interface Outgoing {
  readonly opId: string;
  readonly draft: Draft;
  /** Wall clock, milliseconds. */
  readonly at: number;
  readonly delivery:
    | { readonly status: 'pending' }
    | { readonly status: 'failed'; readonly problem: Problem };
  /** Id of the event that is taken to be this message until the reply confirms it. While set, it is not shown twice. */
  readonly echo?: string;
}

/** A change of a message which the server has not answered yet, or has refused. */
export type Change =
  | { readonly kind: ChangeKind; readonly status: 'pending' }
  | { readonly kind: ChangeKind; readonly status: 'failed'; readonly problem: Problem };

export type HistoryState =
  | { readonly status: 'unread' }
  | { readonly status: 'loading' }
  | { readonly status: 'loaded' }
  | { readonly status: 'failed'; readonly problem: Problem };

/** What is shown of one room. */
export interface RoomView {
  readonly history: HistoryState;
  /** Cursor of the next older page; null when the beginning of the room is there. */
  readonly older: string | null;
  /** Oldest first, each id once. */
  readonly messages: readonly Message[];
  readonly outgoing: readonly Outgoing[];
  readonly changes: Readonly<Record<string, Change>>;
}

/** `newest`: nothing is known yet, or the connection was away; `older`: asked for by reading back. */
export type PageKind = 'newest' | 'older';

export type RoomEvent =
  | { readonly type: 'history.loading' }
  /** The connection was away: what stands here may have holes, and is asked for anew when it is looked at. */
  | { readonly type: 'history.stale' }
  | { readonly type: 'history.failed'; readonly problem: Problem }
  | {
      readonly type: 'history.loaded';
      readonly kind: PageKind;
      readonly page: readonly Message[];
      readonly next: string | null;
      readonly me: string;
    }
  | { readonly type: 'message.arrived'; readonly message: Message; readonly me: string }
  | { readonly type: 'message.edited'; readonly id: string; readonly body: string; readonly at: string }
  | { readonly type: 'message.deleted'; readonly id: string; readonly mode: string; readonly at: string }
  | { readonly type: 'message.redacted'; readonly id: string; readonly mask: string }
  | { readonly type: 'send.started'; readonly opId: string; readonly draft: Draft; readonly at: number }
  | { readonly type: 'send.done'; readonly opId: string; readonly message: Message }
  | { readonly type: 'send.failed'; readonly opId: string; readonly problem: Problem }
  | { readonly type: 'send.dropped'; readonly opId: string }
  | { readonly type: 'change.started'; readonly id: string; readonly kind: ChangeKind }
  | {
      readonly type: 'change.failed';
      readonly id: string;
      readonly kind: ChangeKind;
      readonly problem: Problem;
    }
  | { readonly type: 'change.dropped'; readonly id: string };

export const emptyRoom: RoomView = {
  history: { status: 'unread' },
  older: null,
  messages: [],
  outgoing: [],
  changes: {},
};

/** Messages kept of one room; the oldest go first and can be loaded again. */
export const MESSAGES_KEPT = 2_000;

export function roomView(room: RoomView, event: RoomEvent): RoomView {
  switch (event.type) {
    case 'history.loading':
      return { ...room, history: { status: 'loading' } };
    case 'history.stale':
      return room.history.status === 'loaded' ? { ...room, history: { status: 'unread' } } : room;
    case 'history.failed':
      return { ...room, history: { status: 'failed', problem: event.problem } };
    case 'history.loaded':
      return event.kind === 'older' ? withOlder(room, event) : withNewest(room, event);
    case 'message.arrived':
      return withArrival(room, event.message, event.me);
    case 'message.edited':
      return changed(room, event.id, (message) => edited(message, event.body, event.at));
    case 'message.deleted':
      return event.mode === 'hard'
        ? without(room, event.id)
        : changed(room, event.id, (message) => softlyDeleted(message, event.at));
    case 'message.redacted':
      return changed(room, event.id, (message) => redacted(message, event.mask));
    case 'send.started': {
      const { opId, draft, at } = event;
      return { ...room, outgoing: [...room.outgoing, { opId, draft, at, delivery: { status: 'pending' } }] };
    }
    case 'send.done':
      // The reply may come before the event that shows the message, or after it; both ways it stands there once.
      return appended(dropped(room, event.opId), event.message);
    case 'send.failed':
      return withFailure(room, event.opId, event.problem);
    case 'send.dropped':
      return dropped(room, event.opId);
    case 'change.started':
      return { ...room, changes: { ...room.changes, [event.id]: { kind: event.kind, status: 'pending' } } };
    case 'change.failed': {
      const { id, kind, problem } = event;
      return { ...room, changes: { ...room.changes, [id]: { kind, status: 'failed', problem } } };
    }
    case 'change.dropped':
      return { ...room, changes: omit(room.changes, event.id) };
  }
}

/** Own messages on their way which are to be drawn: those whose event has not arrived. */
export function visibleOutgoing(room: RoomView): readonly Outgoing[] {
  return room.outgoing.filter((outgoing) => outgoing.echo === undefined);
}

/** How many messages came after one, which may have been removed since. */
export function countAfter(messages: readonly Message[], { id, created_at }: Message): number {
  const at = messages.findLastIndex((message) => message.id === id);
  const place = at >= 0 ? at : messages.findLastIndex((message) => message.created_at <= created_at);
  return messages.length - 1 - place;
}

type Loaded = Extract<RoomEvent, { type: 'history.loaded' }>;

function withOlder(room: RoomView, { page, next }: Loaded): RoomView {
  const known = new Set(room.messages.map((message) => message.id));
  const older = [...page].reverse().filter((message) => !known.has(message.id));
  return { ...room, history: { status: 'loaded' }, older: next, messages: [...older, ...room.messages] };
}

/**
 * Puts the newest page where it belongs. What is known from before the page stays, if the page reaches back to it;
 * else there would be a hole, so the page replaces it. What is known from within the page's span but missing in it
 * has been removed meanwhile; what is newer than the page arrived while it was on its way.
 */
function withNewest(room: RoomView, { page, next, me }: Loaded): RoomView {
  const ascending = [...page].reverse();
  const ids = new Set(ascending.map((message) => message.id));
  const start = room.messages.findIndex((message) => ids.has(message.id));
  const newest = ascending.at(-1);
  const newer = newest
    ? room.messages.filter((message) => !ids.has(message.id) && createdAt(message) > createdAt(newest))
    : [];
  const before = start > 0 ? room.messages.slice(0, start) : [];
  const merged: RoomView = {
    ...room,
    history: { status: 'loaded' },
    older: before.length > 0 ? room.older : next,
    messages: [...before, ...ascending, ...newer],
  };
  const known = new Set(room.messages.map((message) => message.id));
  return ascending
    .filter((message) => !known.has(message.id))
    .reduce((view, message) => echoed(view, message, me), merged);
}

function withArrival(room: RoomView, message: Message, me: string): RoomView {
  const known = room.messages.find((other) => other.id === message.id);
  // Our own copy, made when the reply came, gives way to the server's; a copy that has been changed since does not.
  if (known && (known.edited_at || known.redacted || known.deleted_at !== null)) return room;
  if (known) return { ...room, messages: room.messages.map((other) => (other === known ? message : other)) };
  return trimmed(appended(echoed(room, message, me), message));
}

/**
 * The event of an own message may overtake the reply that names its id. Sends of one room take effect in the order
 * they were written, so the event belongs to the first one on its way with that text. Should that be wrong (the same
 * text sent from another device), the reply puts it right: it removes its outgoing copy whatever it was linked to.
 */
function echoed(room: RoomView, message: Message, me: string): RoomView {
  if (message.user_id !== me) return room;
  const match = room.outgoing.find(
    (outgoing) => outgoing.echo === undefined && outgoing.draft.body === message.body,
  );
  if (!match) return room;
  // Its outcome was unknown, or taken for a failure: here is the answer.
  if (match.delivery.status === 'failed') return dropped(room, match.opId);
  return {
    ...room,
    outgoing: room.outgoing.map((outgoing) =>
      outgoing === match ? { ...match, echo: message.id } : outgoing,
    ),
  };
}

function withFailure(room: RoomView, opId: string, problem: Problem): RoomView {
  const outgoing = room.outgoing.find((other) => other.opId === opId);
  if (!outgoing) return room;
  // The line broke before the reply, but the message has been seen: it arrived.
  if (outgoing.echo !== undefined && problem.unknown) return dropped(room, opId);
  const { echo: _, ...rest } = outgoing;
  const failed: Outgoing = { ...rest, delivery: { status: 'failed', problem } };
  return { ...room, outgoing: room.outgoing.map((other) => (other === outgoing ? failed : other)) };
}

function dropped(room: RoomView, opId: string): RoomView {
  return { ...room, outgoing: room.outgoing.filter((outgoing) => outgoing.opId !== opId) };
}

/** Puts a message at the end; one that is there already stays as it is. */
function appended(room: RoomView, message: Message): RoomView {
  if (room.messages.some((known) => known.id === message.id)) return room;
  return { ...room, messages: [...room.messages, message] };
}

/** Applies what the server says about a message; that also settles a change of our own. */
function changed(room: RoomView, id: string, change: (message: Message) => Message): RoomView {
  return {
    ...room,
    messages: room.messages.map((message) => (message.id === id ? change(message) : message)),
    changes: omit(room.changes, id),
  };
}

function without(room: RoomView, id: string): RoomView {
  return {
    ...room,
    messages: room.messages.filter((message) => message.id !== id),
    changes: omit(room.changes, id),
  };
}

/** Not while a page is on its way that is to fit what is before it. */
function trimmed(room: RoomView): RoomView {
  if (room.messages.length <= MESSAGES_KEPT || room.history.status === 'loading') return room;
  const messages = room.messages.slice(-MESSAGES_KEPT);
  return { ...room, messages, older: messages[0]?.id ?? null };
}

function omit<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const { [key]: _, ...rest } = record;
  return rest;
}
