import { expect, it } from 'vitest';
import type { RosterMessage, RosterUser } from '../ports/bus.js';
import { BOUNDS } from './bounds.js';
import { type Change, Elsewhere } from './elsewhere.js';
import { Roster } from './roster.js';
import { TestClock } from './testing/test-clock.js';

function user(userId: string, connections: number): RosterUser {
  return {
    ...{ userId, tenantId: 'acme', presence: 'here', since: 1, rooms: ['host'] },
    connections: Array.from({ length: connections }, (_, index) => ({
      id: `${userId}-${index}`,
      stamp: index,
    })),
  };
}

/** A node that nobody is on, with what it was told and what it says. */
function hearing(clock: TestClock, changed: (change: Change) => void = () => {}) {
  const said: RosterMessage[] = [];
  const elsewhere = new Elsewhere(clock);
  const roster = new Roster({
    node: 'hearer',
    bus: { publish: (messages) => void said.push(...(messages as RosterMessage[])) },
    clock,
    endOfTurn: (task) => task(),
    elsewhere,
    here: { roster: () => [], rosterOf: ({ userId }) => user(userId, 0) },
    changed,
    probe: () => {},
  });
  const known = () => [...elsewhere.online('acme')].map(({ userId }) => userId);
  return { roster, elsewhere, said, known };
}

const page = (node: string, ...users: readonly RosterUser[]): RosterMessage => ({
  ...{ kind: 'roster_page', node, number: 1, page: 0, pages: 1 },
  users,
});

it('tells of very many in parts of a bounded size, and whoever hears them all is in step', async () => {
  const clock = new TestClock();
  const said: RosterMessage[] = [];
  const people = [
    user('with many', BOUNDS.rosterPage * 2),
    ...Array.from({ length: BOUNDS.rosterPage * 2 }, (_, index) =>
      user(`with ${index % 3} ${index}`, index % 3),
    ),
  ];
  const elsewhere = new Elsewhere(clock);
  const parts = (own: Elsewhere, roster: readonly RosterUser[]) => ({
    bus: { publish: (messages: readonly unknown[]) => void said.push(...(messages as RosterMessage[])) },
    clock,
    endOfTurn: (task: () => void) => task(),
    elsewhere: own,
    here: {
      roster: () => roster,
      rosterOf: ({ userId }: { userId: string }) => user(userId, 0),
    },
    changed: () => {},
    probe: () => {},
  });
  const teller = new Roster({ node: 'teller', ...parts(new Elsewhere(clock), people) });
  const hearer = new Roster({ node: 'hearer', ...parts(elsewhere, []) });
  teller.changed({ userId: 'with many', tenantId: 'acme' });
  for (const message of said.splice(0)) if (message.kind === 'roster_wanted') teller.hear(message);
  await clock.advance(BOUNDS.rosterAnswerMs);
  const pages = said.filter(({ kind }) => kind === 'roster_page');
  expect(pages.length).toBeGreaterThan(3);
  for (const page of pages) {
    const users = 'users' in page ? page.users : [];
    const size = users.reduce((sum, { connections }) => sum + 2 + connections.length, 0);
    expect(users.length === 1 || size <= BOUNDS.rosterPage).toBe(true);
    hearer.hear(page);
  }
  expect([...elsewhere.online('acme')]).toHaveLength(people.length);
  said.length = 0;
  hearer.hear({ kind: 'roster_beat', node: 'teller', number: 1 });
  expect(said).toEqual([]);
  hearer.hear({ kind: 'roster_beat', node: 'teller', number: 2 });
  expect(said).toEqual([{ kind: 'roster_wanted', node: 'hearer', of: 'teller' }]);
  teller.stop();
  hearer.stop();
  expect(clock.pending).toBe(0);
});

it('tells of the users of a node that is gone a share at a time, and lets everybody else have their turn between', async () => {
  const clock = new TestClock();
  const gone: number[] = [];
  const { roster, known } = hearing(
    clock,
    ({ after }) => void (after === undefined && gone.push(clock.monotonic())),
  );
  const users = Array.from({ length: BOUNDS.goneUsers * 2.5 }, (_, index) => user(`${index}`, 1));
  roster.hear(page('teller', ...users));
  roster.hear({ kind: 'roster_left', node: 'teller' });
  await clock.advance(BOUNDS.presenceGraceMs - 1);
  expect([gone.length, known().length]).toEqual([0, users.length]);
  await clock.advance(1_000);
  expect(gone).toHaveLength(users.length);
  const shares = [...new Set(gone)].map((at) => gone.filter((one) => one === at).length);
  expect(shares).toEqual([BOUNDS.goneUsers, BOUNDS.goneUsers, BOUNDS.goneUsers / 2]);
  roster.stop();
  expect(clock.pending).toBe(0);
});

it('keeps the users of a node that is heard again before they are forgotten', async () => {
  const clock = new TestClock();
  const { roster, known } = hearing(clock);
  roster.hear(page('teller', user('ada', 1)));
  roster.hear({ kind: 'roster_left', node: 'teller' });
  await clock.advance(BOUNDS.presenceGraceMs - 1);
  roster.hear({ kind: 'roster_beat', node: 'teller', number: 1 });
  await clock.advance(BOUNDS.presenceGraceMs);
  expect([known(), roster.nodes]).toEqual([['ada'], 2]);
  roster.stop();
});

it('takes no node for gone that it could not hear, and gives it the same time again', async () => {
  const clock = new TestClock();
  const { roster } = hearing(clock);
  roster.hear(page('teller', user('ada', 1)));
  // Told twice it is the same.
  roster.line('down');
  await clock.advance(BOUNDS.beatMs * 5);
  roster.line('down');
  await clock.advance(BOUNDS.beatMs * 15 - 1);
  roster.line('up');
  roster.line('up');
  await clock.advance(BOUNDS.silentNodeMs);
  expect(roster.nodes).toBe(2);
  await clock.advance(BOUNDS.beatMs + 1);
  expect(roster.nodes).toBe(1);
  roster.stop();
});

it('takes a node for gone that was silent while it could be heard, however often the line comes and goes', async () => {
  const clock = new TestClock();
  const { roster } = hearing(clock);
  roster.hear(page('silent', user('ada', 1)));
  roster.hear(page('alive', user('grace', 1)));
  for (let heardMs = 0; heardMs <= BOUNDS.silentNodeMs; heardMs += 20_000) {
    expect(roster.nodes).toBe(3);
    await clock.advance(20_000);
    roster.line('down');
    await clock.advance(10_000);
    roster.line('up');
    roster.hear({ kind: 'roster_beat', node: 'alive', number: 1 });
  }
  await clock.advance(BOUNDS.beatMs);
  expect(roster.nodes).toBe(2);
  roster.stop();
});

it('answers all who ask within a moment at once', async () => {
  const clock = new TestClock();
  const { roster, said } = hearing(clock);
  for (const node of ['one', 'two', 'three']) roster.hear({ kind: 'roster_wanted', node });
  await clock.advance(BOUNDS.rosterAnswerMs * 2);
  expect(said.filter(({ kind }) => kind === 'roster_page')).toHaveLength(1);
  roster.stop();
});

it('takes no notice of more nodes than a fleet has', () => {
  const { roster, known } = hearing(new TestClock());
  for (let node = 0; node < BOUNDS.nodes + 10; node++) roster.hear(page(`${node}`, user(`${node}`, 1)));
  expect([roster.nodes, known().length]).toEqual([BOUNDS.nodes + 1, BOUNDS.nodes]);
  roster.stop();
});

it('knows a user of several nodes for online since the first of them', () => {
  const { roster, elsewhere } = hearing(new TestClock());
  const ada = { userId: 'ada', tenantId: 'acme' };
  roster.hear(page('one', { ...user('ada', 1), since: 5 }));
  roster.hear(page('two', { ...user('ada', 1), since: 3 }));
  expect([elsewhere.since(ada), elsewhere.connections(ada).length]).toEqual([3, 2]);
  roster.stop();
});
