import { useMemo, useSyncExternalStore } from 'react';
import { messageStore } from './message-store.js';
import { useClient } from './provider.js';
import { EMPTY_TIMELINE, type Timeline } from './timeline.js';

/** What a server renders and hydration begins with, whatever has come meanwhile: else React throws the markup away. */
const readBefore = () => EMPTY_TIMELINE;

export interface Messages extends Timeline {
  /** Loads the page before the oldest message. Never rejects: a failure is in `history`. */
  readonly loadOlder: () => Promise<void>;
  /** Loads the newest page again, in place of all that is there: after a failure, or to come back from older pages. Never rejects. */
  readonly reload: () => Promise<void>;
}

/**
 * The messages of a room (`host`, `network:<id>`): the newest page of its past (v1 servers), then live. Edits, deletions and redactions are
 * applied; the newest page is loaded again after a `gap`, and at the next entry when the room was left and something was said meanwhile.
 * Components that show the same room share one timeline; it is forgotten when none is left.
 *
 * At most 1,000 messages are kept, without a hole, and `view` says which. While only what comes is added, the oldest go. Once older pages
 * were loaded the reader is looking there, so the newest go, and after that nothing is added: offer `reload()` while `view` is `cut`.
 */
export function useMessages(room: string): Messages {
  const client = useClient();
  const { subscribe, read, loadOlder, reload } = messageStore(client, room);
  const state = useSyncExternalStore(subscribe, read, readBefore);
  return useMemo(() => ({ ...state, loadOlder, reload }), [state, loadOlder, reload]);
}
