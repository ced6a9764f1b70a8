import type { Message } from './message.js';
import type { RoomView } from './room-view.js';

/** What a person is making of a message. */
export interface Edit {
  readonly text: string;
  /** The text whose place it is to take. */
  readonly of: string;
}

/** What would be lost with an edit; '': nothing was changed. */
export const typedIn = (edit: Edit | undefined): string =>
  edit === undefined || edit.text.trim() === edit.of ? '' : edit.text.trim();

/** Why a message cannot be edited any more, in words; undefined: it can. */
export function editObstacle({ messages, older }: RoomView, { id, created_at }: Message): string | undefined {
  const there = messages.find((message) => message.id === id);
  if (there?.deleted_at === null)
    return there.redacted ? 'A moderator redacted this message meanwhile.' : undefined;
  // After a long absence only the newest page is there.
  const oldest = messages[0];
  const notLoaded = !there && older !== null && oldest !== undefined && oldest.created_at > created_at;
  return notLoaded
    ? 'This message is further back than what is shown now.'
    : 'This message was deleted meanwhile.';
}
