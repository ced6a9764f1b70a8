import { describe, expect, it } from 'vitest';
import { type NodeEvent, type NodeSync, stepSync, UNHEARD } from './roster-sync.js';

const STATES: readonly NodeSync[] = [
  UNHEARD,
  { status: 'in_step', number: 5 },
  { status: 'behind', from: 8, to: 9, pages: undefined },
  { status: 'behind', from: 8, to: 9, pages: { number: 7, of: 2, heard: [0] } },
];

const EVENTS: readonly NodeEvent[] = [
  ...[1, 5, 6, 8, 10, 12].map((number) => ({ type: 'news', number }) as const),
  ...[0, 5, 9, 12].map((number) => ({ type: 'beat', number }) as const),
  { type: 'page', number: 5, page: 0, pages: 1 },
  { type: 'page', number: 7, page: 0, pages: 2 },
  { type: 'page', number: 7, page: 1, pages: 2 },
  { type: 'page', number: 12, page: 0, pages: 1 },
];

function show(sync: NodeSync): string {
  if (sync.status === 'in_step') return `in step ${sync.number}`;
  const pages = sync.pages ? `, pages ${sync.pages.heard.join(' ')} of ${sync.pages.number}` : '';
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

describe('over a bus that loses, doubles and reorders', () => {
  it.each(Array.from({ length: 30 }, (_, seed) => seed + 1))(
    'a node that hears the beats is in step in the end, and only with everything (seed %i)',
    (seed) => {
      const pick = generator(seed);
      let sync = UNHEARD;
      let number = 0;
      const heard = new Set<number>();
      const way: NodeEvent[] = [];
      const arrive = (event: NodeEvent | undefined) => {
        if (!event) return;
        const step = stepSync(sync, event);
        sync = step.sync;
        if (event.type === 'news' && step.effects.some(({ type }) => type === 'take'))
          heard.add(event.number);
        for (const effect of step.effects)
          if (effect.type === 'forget_older') for (let one = 1; one <= effect.number; one++) heard.add(one);
        if (step.effects.some(({ type }) => type === 'want') && pick(3) > 0)
          for (let page = 0; page < 3; page++) way.push({ type: 'page', number, page, pages: 3 });
        const known = sync.status === 'in_step' ? sync.number : 0;
        const missed = Array.from({ length: known }, (_, one) => one + 1).find((one) => !heard.has(one));
        if (missed !== undefined)
          throw new Error(`It takes itself for in step with ${known} without ${missed}`);
      };
      for (let round = 0; round < 200; round++) {
        if (pick(4) > 0) way.push({ type: 'news', number: ++number });
        if (pick(6) === 0) way.push({ type: 'beat', number });
        if (pick(5) === 0) way.splice(pick(way.length), 1);
        const [event] = way.splice(pick(3) === 0 ? pick(way.length) : 0, 1);
        arrive(event);
        if (pick(8) === 0) arrive(event);
      }
      for (const event of way.splice(0)) arrive(event);
      // The bus is well again.
      for (let beat = 0; beat < 9; beat++) {
        arrive({ type: 'beat', number });
        for (const event of way.splice(0)) arrive(event);
      }
      expect(sync).toEqual({ status: 'in_step', number });
    },
  );
});
