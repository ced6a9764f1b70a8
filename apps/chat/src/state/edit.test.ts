import { describe, expect, it } from 'vitest';
import { editObstacle, typedIn } from './edit.js';
import type { Message } from './message.js';
import { emptyRoom, type RoomEvent, roomView } from './room-view.js';

const message = (id: string, minute: number): Message => ({
  id,
  scope: 'host',
  user_id: 'ada',
  body: 'text',
  redacted: false,
  deleted_at: null,
  attachments: [],
  created_at: new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString(),
});
const [one, two, three] = [message('one', 1), message('two', 2), message('three', 3)];
const page = (messages: readonly Message[], next: string | null): RoomEvent => ({
  ...{ type: 'history.loaded', kind: 'newest', page: messages, next, me: 'ada' },
});
const obstacleAfter = (...events: readonly RoomEvent[]) =>
  editObstacle([page([two, one], null), ...events].reduce(roomView, emptyRoom), two);

describe('a message that is being edited', () => {
  it('can be as long as it stands there, also after somebody changed it', () => {
    expect(obstacleAfter({ type: 'message.edited', id: 'two', body: 'new', at: 'x' })).toBeUndefined();
  });

  it.each(['soft', 'hard'])('cannot after it was deleted (%s), and that is what is said', (mode) => {
    const deletion = { type: 'message.deleted', id: 'two', mode, at: 'x' } as const;
    expect(obstacleAfter(deletion)).toBe('This message was deleted meanwhile.');
  });

  it('cannot after it was redacted', () => {
    expect(obstacleAfter({ type: 'message.redacted', id: 'two', mask: '***' })).toContain('redacted');
  });

  it('is not called deleted when only newer ones are loaded', () => {
    expect(obstacleAfter(page([three], 'three'))).toContain('further back');
    expect(obstacleAfter(page([three, one], 'one'))).toContain('deleted');
  });
});

it.each([
  ['text', ''],
  [' text\n', ''],
  ['other ', 'other'],
])('of an edit to %j there would be lost %j', (text, lost) => {
  expect(typedIn({ text, of: 'text' })).toBe(lost);
});
