import { describe, expect, it } from 'vitest';
import type { Network } from './entities.js';
import type { Message } from './message.js';
import { missingIn } from './network-lists.js';
import { waitingCount } from './waiting.js';
import {
  initialWorkspace,
  nameOf,
  peopleOf,
  roomOf,
  type Workspace,
  type WorkspaceEvent,
  workspace,
} from './workspace.js';

const ada = { id: 'ada', email: 'ada@x.example', name: 'Ada', isAdmin: false, isModerator: false };
const lobby: Network = { id: 'lobby', name: 'Lobby', visibility: 'public', joinPolicy: 'open' };
const attic: Network = { id: 'attic', name: 'Attic', visibility: 'public', joinPolicy: 'approval' };
const message: Message = {
  id: 'm1',
  scope: 'network:lobby',
  user_id: 'grace',
  body: 'hello',
  redacted: false,
  deleted_at: null,
  attachments: [],
  created_at: '2026-01-01T00:00:00.000Z',
};
const arrival: WorkspaceEvent = {
  type: 'room.event',
  scope: message.scope,
  event: { type: 'message.arrived', message, me: ada.id },
};
const start = workspace(initialWorkspace(ada), {
  type: 'networks.loaded',
  mine: [lobby],
  open: [attic, lobby],
});
const play = (events: readonly WorkspaceEvent[], from: Workspace = start) => events.reduce(workspace, from);

describe('networks', () => {
  it('one is a member of are not offered to join', () => {
    expect([start.networks.mine, start.networks.open]).toEqual([[lobby], [attic]]);
  });

  it('move over when one is let in, and the request is forgotten', () => {
    const asked = play([{ type: 'network.asked', networkId: 'attic' }]);
    expect(asked.asked).toEqual(['attic']);
    const entered = play([{ type: 'network.entered', network: attic }], asked);
    expect([entered.networks.mine, entered.networks.open, entered.asked]).toEqual([[lobby, attic], [], []]);
  });

  it('close for whoever was kicked: nothing that was read there stays, and the reason is said', () => {
    const kicked = play([
      arrival,
      { type: 'network.gone', networkId: 'lobby', kind: 'kicked', reason: 'spam' },
    ]);
    expect(kicked.networks.mine).toEqual([]);
    expect(kicked.rooms['network:lobby']).toBeUndefined();
    expect(kicked.unread).toEqual({});
    expect(kicked.departures.lobby).toEqual({ kind: 'kicked', networkName: 'Lobby', reason: 'spam' });
  });

  it('do not take along what was written for them and is still on its way', () => {
    const sending = (opId: string, body: string): WorkspaceEvent => ({
      type: 'room.event',
      scope: 'network:lobby',
      event: { type: 'send.started', opId, draft: { body, attachments: [] }, at: 0 },
    });
    const closed = play([
      sending('o1', 'one'),
      sending('o2', 'two'),
      { type: 'network.gone', networkId: 'lobby', kind: 'ended', reason: '' },
    ]);
    expect(closed.notices.map(({ tone, text }) => [tone, text])).toEqual([
      ['problem', 'This may not have reached Lobby any more:\none\ntwo'],
    ]);
  });

  it('stay when a list lacks them, until it is known why: the list may be older than what one did since', () => {
    const listed = play([
      { type: 'room.selected', scope: 'network:lobby' },
      { type: 'networks.loaded', mine: [], open: [lobby, attic] },
    ]);
    expect([missingIn(listed.networks, []), listed.networks.open]).toEqual([[lobby], [attic]]);
    const ended = play([{ type: 'network.gone', networkId: 'lobby', kind: 'ended', reason: '' }], listed);
    expect([ended.networks.mine, ended.networks.open]).toEqual([[], [attic, lobby]]);
    expect(ended.departures.lobby?.kind).toBe('ended');
  });

  it('keep the reason of the kick when member.left follows it', () => {
    const gone = play([
      { type: 'network.gone', networkId: 'lobby', kind: 'kicked', reason: 'spam' },
      { type: 'network.gone', networkId: 'lobby', kind: 'left', reason: '' },
    ]);
    expect(gone.departures.lobby?.kind).toBe('kicked');
  });

  it.each([
    ['first', ['deleted', 'left']],
    ['last', ['left', 'deleted']],
  ] as const)('are deleted, also when that is heard %s, and not offered any more', (_, kinds) => {
    const gone = play(
      kinds.map((kind) => ({ type: 'network.gone', networkId: 'lobby', kind, reason: '' }) as const),
    );
    expect(gone.departures.lobby?.kind).toBe('deleted');
    expect(gone.networks.open).toEqual([attic]);
  });

  it('that turn out to be gone are not offered any more, to whom it may be', () => {
    const tried = play([{ type: 'network.gone', networkId: 'attic', kind: 'deleted', reason: '' }]);
    expect([tried.networks.open, tried.departures]).toEqual([[], {}]);
  });

  it.each([
    ['left', 'ended', 'ended'],
    ['left', 'deleted', 'deleted'],
    ['kicked', 'ended', 'kicked'],
    ['banned', 'deleted', 'banned'],
  ] as const)('that one was told to have %s and then to have %s have %s', (first, then, last) => {
    const told = play(
      [first, then].map((kind) => ({ type: 'network.gone', networkId: 'lobby', kind, reason: '' }) as const),
    );
    expect(told.departures.lobby?.kind).toBe(last);
  });

  it('from which one was banned are not offered to join', () => {
    const banned = play([{ type: 'network.gone', networkId: 'lobby', kind: 'banned', reason: '' }]);
    expect(banned.networks.open).toEqual([attic]);
  });

  it('one comes back to are no longer departed from', () => {
    const back = play([
      { type: 'network.gone', networkId: 'lobby', kind: 'kicked', reason: '' },
      { type: 'network.entered', network: lobby },
    ]);
    expect(back.departures).toEqual({});
  });
});

describe('unread messages', () => {
  it('are counted where one is not looking, until one looks', () => {
    const counted = play([arrival]);
    expect(counted.unread).toEqual({ 'network:lobby': 1 });
    expect(play([{ type: 'room.selected', scope: 'network:lobby' }], counted).unread).toEqual({});
  });

  it("are not counted in the room one reads, nor one's own", () => {
    expect(play([{ type: 'room.selected', scope: 'network:lobby' }, arrival]).unread).toEqual({});
    const own: WorkspaceEvent = {
      type: 'room.event',
      scope: message.scope,
      event: { type: 'message.arrived', message: { ...message, user_id: ada.id }, me: ada.id },
    };
    expect(play([own]).unread).toEqual({});
  });
});

describe('people', () => {
  const answer: WorkspaceEvent = {
    type: 'people.loaded',
    networkId: 'lobby',
    members: [{ userId: 'grace', name: 'Grace', role: 'moderator', presence: 'online' }],
    requests: [{ id: 'r1', userId: 'linus', name: '' }],
    bans: [],
    presenceBefore: {},
  };
  const loaded = play([answer]);

  it('are known by name everywhere once they were met, else by the beginning of their id', () => {
    expect([nameOf(loaded, 'grace'), nameOf(loaded, 'ada'), nameOf(loaded, 'linus-0815-4711')]).toEqual([
      'Grace',
      'Ada',
      'User linus-',
    ]);
  });

  it('come and go with their presence', () => {
    expect(loaded.presence.grace).toBe('online');
    expect(
      play([{ type: 'presence.changed', userId: 'grace', status: 'offline' }], loaded).presence.grace,
    ).toBe('offline');
  });

  it('are here or away as was heard last, also when an older answer comes behind it', () => {
    const gone: WorkspaceEvent = { type: 'presence.changed', userId: 'grace', status: 'offline' };
    expect(play([gone, answer]).presence.grace).toBe('offline');
    expect(play([gone, { ...answer, presenceBefore: { grace: 'offline' } }]).presence.grace).toBe('online');
  });

  it('who left or were answered are no longer listed', () => {
    const fewer = play(
      [
        { type: 'member.gone', networkId: 'lobby', userId: 'grace' },
        { type: 'request.settled', networkId: 'lobby', userId: 'linus' },
      ],
      loaded,
    );
    expect([peopleOf(fewer, 'lobby').members, peopleOf(fewer, 'lobby').requests]).toEqual([[], []]);
  });
});

it('a change finds its message in whichever room it is', () => {
  const edited = play([
    arrival,
    {
      type: 'message.located',
      messageId: 'm1',
      event: { type: 'message.edited', id: 'm1', body: 'new', at: 'x' },
    },
  ]);
  expect(roomOf(edited, 'network:lobby').messages[0]?.body).toBe('new');
});

it('what waits for the server is counted over all rooms', () => {
  const waiting = play([
    arrival,
    {
      type: 'room.event',
      scope: 'host',
      event: { type: 'send.started', opId: 'o1', draft: { body: 'x', attachments: [] }, at: 0 },
    },
    {
      type: 'room.event',
      scope: 'network:lobby',
      event: { type: 'change.started', id: 'm1', kind: 'delete' },
    },
  ]);
  expect(waitingCount(waiting)).toBe(2);
});

it('the same notice is shown once, and only the newest few', () => {
  const raise = (text: string): WorkspaceEvent => ({ type: 'notice.raised', tone: 'info', text });
  const state = play(['a', 'b', 'a', 'c', 'd', 'e'].map(raise));
  expect(state.notices.map(({ text }) => text)).toEqual(['a', 'c', 'd', 'e']);
  expect(new Set(state.notices.map(({ id }) => id)).size).toBe(4);
});
