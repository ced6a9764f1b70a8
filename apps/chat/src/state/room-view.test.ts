import { describe, expect, it } from 'vitest';
import type { Message } from './message.js';
import type { Problem } from './problem.js';
import {
  countAfter,
  emptyRoom,
  MESSAGES_KEPT,
  type RoomEvent,
  type RoomView,
  roomView,
  visibleOutgoing,
} from './room-view.js';

const ME = 'ada';
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
const message = (id: string, minute: number, over: Partial<Message> = {}): Message => ({
  id,
  scope: 'host',
  user_id: 'grace',
  body: `text of ${id}`,
  redacted: false,
  deleted_at: null,
  attachments: [],
  created_at: at(minute),
  ...over,
});
const play = (events: readonly RoomEvent[], from: RoomView = emptyRoom) => events.reduce(roomView, from);
const arrived = (one: Message): RoomEvent => ({ type: 'message.arrived', message: one, me: ME });
const page = (
  messages: readonly Message[],
  next: string | null = null,
  kind: 'newest' | 'older' = 'newest',
): RoomEvent => ({
  type: 'history.loaded',
  kind,
  page: messages,
  next,
  me: ME,
});
const sending = (opId: string, body: string): RoomEvent => ({
  type: 'send.started',
  opId,
  draft: { body, attachments: [] },
  at: 0,
});
const problem = (over: Partial<Problem> = {}): Problem => ({
  code: 'ERR_FORBIDDEN',
  text: 'no',
  unknown: false,
  ...over,
});
const ids = (room: RoomView) => room.messages.map(({ id }) => id);

describe('an own message', () => {
  const mine = message('m1', 1, { user_id: ME, body: 'hi' });

  it('is shown at once, and once only when the reply comes before the event', () => {
    const sent = play([sending('op1', 'hi')]);
    expect(visibleOutgoing(sent)).toHaveLength(1);
    const done = play([{ type: 'send.done', opId: 'op1', message: mine }, arrived(mine)], sent);
    expect(visibleOutgoing(done)).toEqual([]);
    expect(ids(done)).toEqual(['m1']);
  });

  it('is shown once also when the event overtakes the reply', () => {
    const overtaken = play([sending('op1', 'hi'), arrived(mine)]);
    expect([visibleOutgoing(overtaken).length, ids(overtaken)]).toEqual([0, ['m1']]);
    const done = play([{ type: 'send.done', opId: 'op1', message: mine }], overtaken);
    expect([done.outgoing, ids(done)]).toEqual([[], ['m1']]);
  });

  it('sent twice with the same text is two messages', () => {
    const second = message('m2', 2, { user_id: ME, body: 'hi' });
    const room = play([sending('op1', 'hi'), sending('op2', 'hi'), arrived(mine)]);
    expect(visibleOutgoing(room).map(({ opId }) => opId)).toEqual(['op2']);
    const done = play(
      [
        arrived(second),
        { type: 'send.done', opId: 'op1', message: mine },
        { type: 'send.done', opId: 'op2', message: second },
      ],
      room,
    );
    expect([done.outgoing, ids(done)]).toEqual([[], ['m1', 'm2']]);
  });

  it('is put right by the reply when the same text of another device was taken for it', () => {
    const elsewhere = message('m9', 1, { user_id: ME, body: 'hi' });
    const room = play([
      sending('op1', 'hi'),
      arrived(elsewhere),
      { type: 'send.done', opId: 'op1', message: mine },
    ]);
    expect([room.outgoing, ids(room)]).toEqual([[], ['m9', 'm1']]);
  });

  it('that failed stays to be sent again or discarded', () => {
    const failed = play([sending('op1', 'hi'), { type: 'send.failed', opId: 'op1', problem: problem() }]);
    expect(visibleOutgoing(failed)[0]?.delivery).toEqual({ status: 'failed', problem: problem() });
    expect(play([{ type: 'send.dropped', opId: 'op1' }], failed).outgoing).toEqual([]);
  });

  it('of unknown outcome is settled by its event, whether that came before or after the line broke', () => {
    const unknown: RoomEvent = {
      type: 'send.failed',
      opId: 'op1',
      problem: problem({ code: 'unknown_outcome', unknown: true }),
    };
    expect(play([sending('op1', 'hi'), arrived(mine), unknown]).outgoing).toEqual([]);
    expect(play([sending('op1', 'hi'), unknown, arrived(mine)]).outgoing).toEqual([]);
    expect(play([sending('op1', 'hi'), unknown, page([mine])]).outgoing).toEqual([]);
  });

  it('that was refused is shown as refused even if an equal text was taken for it', () => {
    const room = play([
      sending('op1', 'hi'),
      arrived(mine),
      { type: 'send.failed', opId: 'op1', problem: problem() },
    ]);
    expect(visibleOutgoing(room)).toHaveLength(1);
  });
});

describe('history', () => {
  const [a, b, c, d] = [message('a', 1), message('b', 2), message('c', 3), message('d', 4)];

  it('comes newest first and stands oldest first', () => {
    const room = play([page([b, a], 'a')]);
    expect([ids(room), room.older, room.history.status]).toEqual([['a', 'b'], 'a', 'loaded']);
  });

  it('puts older pages before what is there, each message once', () => {
    const room = play([page([d, c], 'c'), page([c, b, a], null, 'older')]);
    expect([ids(room), room.older]).toEqual([['a', 'b', 'c', 'd'], null]);
  });

  it('keeps older pages when the newest one reaches back to them', () => {
    const room = play([page([b, a], null), page([d, c, b], 'b')]);
    expect([ids(room), room.older]).toEqual([['a', 'b', 'c', 'd'], null]);
  });

  it('starts over when more was missed than a page holds, rather than hide a hole', () => {
    const room = play([page([b, a], null), page([d, c], 'c')]);
    expect([ids(room), room.older]).toEqual([['c', 'd'], 'c']);
  });

  it('forgets what was removed and takes over what was changed while away', () => {
    const edited = { ...c, body: 'new', edited_at: at(9) };
    const room = play([page([c, b, a]), page([edited, a])]);
    expect(room.messages).toEqual([a, edited]);
  });

  it('keeps what arrived while the page was on its way', () => {
    const room = play([page([b, a]), arrived(d), page([c, b, a])]);
    expect(ids(room)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is asked for anew after the connection was away', () => {
    expect(play([page([a]), { type: 'history.stale' }]).history.status).toBe('unread');
  });

  it('an empty room is a loaded room', () => {
    expect(play([page([])])).toEqual({ ...emptyRoom, history: { status: 'loaded' } });
  });
});

describe('a change of a message', () => {
  const known = play([arrived(message('a', 1)), arrived(message('b', 2))]);

  it('is shown as on its way until the server says what became of it', () => {
    const changing = play([{ type: 'change.started', id: 'a', kind: 'edit' }], known);
    expect(changing.changes.a?.status).toBe('pending');
    const done = play([{ type: 'message.edited', id: 'a', body: 'new', at: at(5) }], changing);
    expect([done.messages[0]?.body, done.messages[0]?.edited_at, done.changes]).toEqual(['new', at(5), {}]);
  });

  it('that was refused leaves the text as it was and says why', () => {
    const room = play([{ type: 'change.failed', id: 'a', kind: 'edit', problem: problem() }], known);
    expect([room.messages, room.changes.a?.status]).toEqual([known.messages, 'failed']);
    expect(play([{ type: 'change.dropped', id: 'a' }], room).changes).toEqual({});
  });

  it('empties a softly deleted message and takes a completely deleted one away', () => {
    const soft = play([{ type: 'message.deleted', id: 'a', mode: 'soft', at: at(5) }], known);
    expect([soft.messages[0]?.body, soft.messages[0]?.deleted_at]).toEqual(['', at(5)]);
    expect(ids(play([{ type: 'message.deleted', id: 'a', mode: 'hard', at: at(5) }], known))).toEqual(['b']);
  });

  it('puts the mask of a moderator in place of the text', () => {
    const room = play([{ type: 'message.redacted', id: 'b', mask: '***' }], known);
    expect([room.messages[1]?.body, room.messages[1]?.redacted]).toEqual(['***', true]);
  });

  it('is not undone by an older copy of the message that comes late', () => {
    const room = play([{ type: 'message.redacted', id: 'a', mask: '***' }, arrived(message('a', 1))], known);
    expect(room.messages[0]?.body).toBe('***');
  });

  it('of a message that is not there changes nothing', () => {
    expect(play([{ type: 'message.edited', id: 'zz', body: 'x', at: at(1) }], known).messages).toEqual(
      known.messages,
    );
  });
});

it('what came after a message is counted, also when that one was removed', () => {
  const [a, b, c] = [message('a', 1), message('b', 2), message('c', 3)];
  expect([countAfter([a, b, c], b), countAfter([a, c], b), countAfter([a], b)]).toEqual([1, 1, 0]);
  expect(countAfter([c], b)).toBe(1);
});

it('a room keeps a bounded number of messages, and the way back to the others', () => {
  const many = Array.from({ length: MESSAGES_KEPT + 5 }, (_, index) => arrived(message(`m${index}`, index)));
  const room = play(many);
  expect([room.messages.length, room.messages[0]?.id, room.older]).toEqual([MESSAGES_KEPT, 'm5', 'm5']);
});

it('a room has no hole where messages come while an older page is on its way', () => {
  const said = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => message(`m${from + index}`, from + index));
  const full = play(said(50, MESSAGES_KEPT + 60).map(arrived));
  const oldest = Number(full.messages[0]?.id.slice(1));
  const next = MESSAGES_KEPT + 61;
  const late = [{ type: 'history.loading' } as const, ...said(next, next + 1).map(arrived)];
  const older = page(said(oldest - 10, oldest - 1).reverse(), null, 'older');
  const room = play([...late, older], full);
  const places = ids(room).map((id) => Number(id.slice(1)));
  expect(places).toEqual(places.map((_, index) => (places[0] ?? 0) + index));
  const bounded = play([arrived(message(`m${next + 2}`, next + 2))], room);
  expect(bounded.messages.length).toBe(MESSAGES_KEPT);
});
