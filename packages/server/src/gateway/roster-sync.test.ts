import { describe, expect, it } from 'vitest';
import type { RosterUser } from '../ports/bus.js';
import { Elsewhere } from './elsewhere.js';
import { type NodeEvent, type NodeSync, stepSync, UNHEARD } from './roster-sync.js';

const STATES: readonly NodeSync[] = [
  UNHEARD,
  { status: 'in_step', number: 5 },
  { status: 'behind', from: 8, to: 9, pages: undefined },
  { status: 'behind', from: 8, to: 9, pages: { number: 7, heard: 0b1n, count: 1 } },
];

const EVENTS: readonly NodeEvent[] = [
  ...[1, 5, 6, 8, 10, 12].map((number) => ({ type: 'news', number }) as const),
  ...[0, 5, 9, 12].map((number) => ({ type: 'beat', number }) as const),
  { type: 'page', number: 5, page: 0, pages: 1 },
  { type: 'page', number: 7, page: 0, pages: 2 },
  { type: 'page', number: 7, page: 1, pages: 2 },
  { type: 'page', number: 12, page: 0, pages: 1 },
];

/** The places of those that are set. */
const bitsOf = (bits: bigint) =>
  [...bits.toString(2)]
    .reverse()
    .flatMap((bit, place) => (bit === '1' ? [place] : []))
    .join(' ');

function show(sync: NodeSync): string {
  if (sync.status === 'in_step') return `in step ${sync.number}`;
  const pages = sync.pages ? `, pages ${bitsOf(sync.pages.heard)} of ${sync.pages.number}` : '';
  return `behind, heard ${sync.from}-${sync.to}${pages}`;
}

it('says in every state what becomes of what is heard', () => {
  const rows = STATES.flatMap((state) =>
    EVENTS.map((event) => {
      const { sync, effects } = stepSync(state, event);
      const page = event.type === 'page' ? `, ${event.page + 1} of ${event.pages}` : '';
      const done = effects.map(({ type }) => type).join(', ');
      return `${show(state)} + ${event.type} ${event.number}${page} -> ${show(sync)}${done === '' ? '' : `: ${done}`}`;
    }),
  );
  expect(rows).toMatchInlineSnapshot(`
    [
      "in step 0 + news 1 -> in step 1: take",
      "in step 0 + news 5 -> behind, heard 5-5: take, want",
      "in step 0 + news 6 -> behind, heard 6-6: take, want",
      "in step 0 + news 8 -> behind, heard 8-8: take, want",
      "in step 0 + news 10 -> behind, heard 10-10: take, want",
      "in step 0 + news 12 -> behind, heard 12-12: take, want",
      "in step 0 + beat 0 -> in step 0",
      "in step 0 + beat 5 -> behind, heard 6-5: want",
      "in step 0 + beat 9 -> behind, heard 10-9: want",
      "in step 0 + beat 12 -> behind, heard 13-12: want",
      "in step 0 + page 5, 1 of 1 -> in step 5: take, forget_older",
      "in step 0 + page 7, 1 of 2 -> behind, heard 8-7, pages 0 of 7: take",
      "in step 0 + page 7, 2 of 2 -> behind, heard 8-7, pages 1 of 7: take",
      "in step 0 + page 12, 1 of 1 -> in step 12: take, forget_older",
      "in step 5 + news 1 -> in step 5",
      "in step 5 + news 5 -> in step 5",
      "in step 5 + news 6 -> in step 6: take",
      "in step 5 + news 8 -> behind, heard 8-8: take, want",
      "in step 5 + news 10 -> behind, heard 10-10: take, want",
      "in step 5 + news 12 -> behind, heard 12-12: take, want",
      "in step 5 + beat 0 -> in step 5",
      "in step 5 + beat 5 -> in step 5",
      "in step 5 + beat 9 -> behind, heard 10-9: want",
      "in step 5 + beat 12 -> behind, heard 13-12: want",
      "in step 5 + page 5, 1 of 1 -> in step 5",
      "in step 5 + page 7, 1 of 2 -> behind, heard 8-7, pages 0 of 7: take",
      "in step 5 + page 7, 2 of 2 -> behind, heard 8-7, pages 1 of 7: take",
      "in step 5 + page 12, 1 of 1 -> in step 12: take, forget_older",
      "behind, heard 8-9 + news 1 -> behind, heard 8-9: take",
      "behind, heard 8-9 + news 5 -> behind, heard 8-9: take",
      "behind, heard 8-9 + news 6 -> behind, heard 8-9: take",
      "behind, heard 8-9 + news 8 -> behind, heard 8-9: take",
      "behind, heard 8-9 + news 10 -> behind, heard 8-10: take",
      "behind, heard 8-9 + news 12 -> behind, heard 12-12: take",
      "behind, heard 8-9 + beat 0 -> behind, heard 8-9: want",
      "behind, heard 8-9 + beat 5 -> behind, heard 8-9: want",
      "behind, heard 8-9 + beat 9 -> behind, heard 8-9: want",
      "behind, heard 8-9 + beat 12 -> behind, heard 13-12: want",
      "behind, heard 8-9 + page 5, 1 of 1 -> behind, heard 8-9: take, forget_older, want",
      "behind, heard 8-9 + page 7, 1 of 2 -> behind, heard 8-9, pages 0 of 7: take",
      "behind, heard 8-9 + page 7, 2 of 2 -> behind, heard 8-9, pages 1 of 7: take",
      "behind, heard 8-9 + page 12, 1 of 1 -> in step 12: take, forget_older",
      "behind, heard 8-9, pages 0 of 7 + news 1 -> behind, heard 8-9, pages 0 of 7: take",
      "behind, heard 8-9, pages 0 of 7 + news 5 -> behind, heard 8-9, pages 0 of 7: take",
      "behind, heard 8-9, pages 0 of 7 + news 6 -> behind, heard 8-9, pages 0 of 7: take",
      "behind, heard 8-9, pages 0 of 7 + news 8 -> behind, heard 8-9, pages 0 of 7: take",
      "behind, heard 8-9, pages 0 of 7 + news 10 -> behind, heard 8-10, pages 0 of 7: take",
      "behind, heard 8-9, pages 0 of 7 + news 12 -> behind, heard 12-12, pages 0 of 7: take",
      "behind, heard 8-9, pages 0 of 7 + beat 0 -> behind, heard 8-9: want",
      "behind, heard 8-9, pages 0 of 7 + beat 5 -> behind, heard 8-9: want",
      "behind, heard 8-9, pages 0 of 7 + beat 9 -> behind, heard 8-9: want",
      "behind, heard 8-9, pages 0 of 7 + beat 12 -> behind, heard 13-12: want",
      "behind, heard 8-9, pages 0 of 7 + page 5, 1 of 1 -> behind, heard 8-9: take, forget_older, want",
      "behind, heard 8-9, pages 0 of 7 + page 7, 1 of 2 -> behind, heard 8-9, pages 0 of 7: take",
      "behind, heard 8-9, pages 0 of 7 + page 7, 2 of 2 -> in step 9: take, forget_older",
      "behind, heard 8-9, pages 0 of 7 + page 12, 1 of 1 -> in step 12: take, forget_older",
    ]
  `);
});

/** Small and repeatable. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

/** What is on its way, with what the sender had then. */
interface Carried {
  readonly event: NodeEvent;
  readonly users: readonly RosterUser[];
}

const PEOPLE = ['ada', 'grace', 'linus', 'mary'];

describe('over a bus that loses, doubles and reorders', () => {
  it.each(Array.from({ length: 200 }, (_, seed) => seed + 1))(
    'a node that hears the beats knows in the end what another one has (seed %i)',
    (seed) => {
      const pick = generator(seed);
      const here = new Set<string>();
      const elsewhere = new Elsewhere({ now: () => 0 });
      let sync = UNHEARD;
      let number = 0;
      const way: Carried[] = [];
      const word = (userId: string): RosterUser => ({
        ...{ userId, tenantId: 'acme', connections: [], since: number, rooms: [] },
        presence: here.has(userId) ? 'here' : 'gone',
      });
      const change = () => {
        const user = PEOPLE[pick(PEOPLE.length)] ?? 'ada';
        if (!here.delete(user)) here.add(user);
        way.push({ event: { type: 'news', number: ++number }, users: [word(user)] });
      };
      const answer = () => {
        const all = [...here].map(word);
        for (let page = 0; page < 2; page++) {
          const users = all.filter((_, index) => index % 2 === page);
          way.push({ event: { type: 'page', number, page, pages: 2 }, users });
        }
      };
      const arrive = ({ event, users }: Carried, answers: boolean) => {
        const step = stepSync(sync, event);
        sync = step.sync;
        for (const { type } of step.effects) {
          if (type === 'take') for (const user of users) elsewhere.take('other', user, event.number);
          else if (type === 'forget_older') elsewhere.forgetOlder('other', event.number);
          else if (answers) answer();
        }
        if (sync.status === 'in_step') elsewhere.inStep('other');
      };
      for (let round = 0; round < 200; round++) {
        if (pick(4) > 0) change();
        if (pick(6) === 0) way.push({ event: { type: 'beat', number }, users: [] });
        if (pick(8) === 0) way.splice(pick(way.length), 1);
        const [carried] = way.splice(pick(3) === 0 ? pick(way.length) : 0, 1);
        if (!carried) continue;
        arrive(carried, pick(3) > 0);
        if (pick(8) === 0) way.splice(pick(way.length), 0, carried);
      }
      // The bus is well again: what is on its way arrives, then a beat and what is said to it.
      for (const carried of way.splice(0)) arrive(carried, false);
      for (let beat = 0; beat < 2; beat++) {
        arrive({ event: { type: 'beat', number }, users: [] }, true);
        for (const carried of way.splice(0)) arrive(carried, true);
      }
      expect(sync).toEqual({ status: 'in_step', number });
      const known = [...elsewhere.online('acme')].map(({ userId }) => userId);
      expect(known.sort()).toEqual([...here].sort());
    },
  );
});
