import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ChatMessage,
  EMPTY_TIMELINE,
  MESSAGES_KEPT,
  type TimelineEvent,
  type TimelineState,
  timeline,
} from './timeline.js';

const said = (n: number): ChatMessage => ({
  id: `m${n}`,
  scope: 'network:n',
  user_id: 'u',
  body: `${n}`,
  redacted: false,
  deleted_at: null,
  attachments: [],
  created_at: '2026-01-01T00:00:00Z',
});
const told = (state: TimelineState, ...events: readonly TimelineEvent[]) => events.reduce(timeline, state);
const arrived = (from: number, to = from): TimelineEvent[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ type: 'arrived', message: said(from + index) }));
const asked = (page: 'newest' | 'older'): TimelineEvent => ({ type: 'history.asked', page });
/** A page of `to` and up to 49 before it, as the server has it: newest first. */
const came = (to: number): TimelineEvent => {
  const from = Math.max(1, to - 49);
  const messages = Array.from({ length: to - from + 1 }, (_, index) => said(to - index));
  return { type: 'history.came', reply: { messages, next: from > 1 ? `m${from}` : null } };
};
const place = (id: string | undefined | null): number => Number(id?.slice(1) ?? 0);
const reach = ({ messages: [...shown], older, view }: TimelineState) =>
  `${shown[0]?.id}-${shown.at(-1)?.id} older:${older} ${view}`;
const holes = ({ messages }: TimelineState) =>
  messages.filter(({ id }, index) => index > 0 && place(id) !== place(messages[index - 1]?.id) + 1);
/** Older pages, until there are none or nothing is asked any more. */
const back = (state: TimelineState, pages: number): TimelineState =>
  Array.from({ length: pages }).reduce<TimelineState>(
    (one) => told(one, asked('older'), came(place(one.older) - 1)),
    state,
  );

const live = told(EMPTY_TIMELINE, asked('newest'), came(5_000));

describe('the messages kept', () => {
  it('are the newest while nobody looks back; those that went can be loaded again', () => {
    const full = told(live, ...arrived(5_001, 6_000));
    expect(reach(full)).toBe('m5001-m6000 older:m5001 live');
    expect(reach(back(full, 1))).toBe('m4951-m5950 older:m4951 cut');
  });

  it('have no hole where messages come while an older page is on its way', () => {
    const full = told(EMPTY_TIMELINE, asked('newest'), came(101), ...arrived(102, 1_051));
    const state = told(full, asked('older'), ...arrived(1_052, 1_053), came(place(full.older) - 1));
    expect([holes(state), reach(state)]).toEqual([[], 'm2-m1001 older:m2 cut']);
  });

  it('are as many, however many older pages are loaded: the newest go, and the view says so', () => {
    const state = back(live, 60);
    expect([state.messages.length, reach(state)]).toEqual([MESSAGES_KEPT, 'm1951-m2950 older:m1951 cut']);
  });

  it('stay before the eyes of who looks back, whatever comes', () => {
    const looking = back(live, 10);
    const state = told(looking, ...arrived(5_001, 6_000));
    expect([reach(looking), reach(state)]).toEqual([
      'm4451-m5000 older:m4451 back',
      'm4451-m5450 older:m4451 cut',
    ]);
  });

  it('are the newest again when the newest page was loaded again', () => {
    const state = told(back(live, 60), asked('newest'), ...arrived(5_001), came(5_000));
    expect(reach(state)).toBe('m4951-m5001 older:m4951 live');
  });

  it('lead to no older ones on a server that has no history', () => {
    const state = told(EMPTY_TIMELINE, { type: 'history.unavailable' }, ...arrived(1, 1_001));
    expect(reach(state)).toBe('m2-m1001 older:null live');
    expect(told(live, { type: 'history.unavailable' }).older).toBe(null);
  });

  it('are in order where more was missed than the page has, before it came and after', () => {
    const page = came(100);
    const before = told(EMPTY_TIMELINE, asked('newest'), ...arrived(1, 103), page);
    const after = told(EMPTY_TIMELINE, asked('newest'), page, ...arrived(1, 103));
    const between = told(EMPTY_TIMELINE, asked('newest'), ...arrived(1, 60), page, ...arrived(61, 103));
    expect([before, after, between].map((state) => [holes(state), reach(state)])).toEqual(
      Array(3).fill([[], 'm1-m103 older:m1 live']),
    );
    expect(reach(back(after, 1))).toBe('m1-m103 older:null back');
  });

  it('stay in order where an older page comes after something that the newest page had already', () => {
    const state = told(live, asked('older'), ...arrived(5_000, 5_001), came(4_950));
    expect([holes(state), reach(state)]).toEqual([[], 'm4901-m5001 older:m4901 back']);
  });

  it('are at most so many, without a hole, whatever happens in whatever order', () => {
    const step = fc.oneof(
      fc.record({ run: fc.constant('say' as const), count: fc.integer({ min: 1, max: 700 }) }),
      fc.record({ run: fc.constantFrom('newest', 'older', 'answer'), count: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let state = live;
        let newest = 5_000;
        /** What the server answers: read as soon as it was asked for. */
        let answer: TimelineEvent | undefined;
        for (const { run, count } of steps) {
          if (run === 'say') {
            state = told(state, ...arrived(newest + 1, newest + count));
            newest += count;
            const { history } = state;
            // As the store does: more has come than can be told to the page again.
            if (history.status === 'loading' && history.meanwhile.length >= MESSAGES_KEPT) {
              answer = came(history.page === 'newest' ? newest : place(state.older) - 1);
              state = told(state, asked(history.page));
            }
          } else if (run === 'newest' || (run === 'older' && !answer && state.older !== null)) {
            answer = came(run === 'newest' ? newest : place(state.older) - 1);
            state = told(state, asked(run));
          } else if (run === 'answer' && answer) {
            state = told(state, answer);
            answer = undefined;
          }
          expect(holes(state)).toEqual([]);
          expect(state.messages.length).toBeLessThanOrEqual(MESSAGES_KEPT);
          if (state.view !== 'cut') expect(state.messages.at(-1)?.id).toBe(`m${newest}`);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('have no hole in the end, however far what is told lags behind what pages are read from', () => {
    const run = fc.constantFrom('say', 'tell', 'newest', 'older', 'answer');
    const step = fc.record({ run, count: fc.integer({ min: 1, max: 150 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let state: TimelineState = EMPTY_TIMELINE;
        let [written, heard] = [200, 100];
        let answer: TimelineEvent | undefined = came(written);
        state = told(state, asked('newest'));
        const take = (run: string, count: number) => {
          if (run === 'say') written += count;
          else if (run === 'tell') {
            const upTo = Math.min(written, heard + count);
            state = told(state, ...arrived(heard + 1, upTo));
            heard = upTo;
          } else if (run === 'answer' && answer) {
            state = told(state, answer);
            answer = undefined;
          } else if (run === 'newest' || (run === 'older' && !answer && state.older !== null)) {
            answer = came(run === 'newest' ? written : place(state.older) - 1);
            state = told(state, asked(run));
          }
        };
        for (const { run, count } of steps) take(run, count);
        take('answer', 0);
        take('tell', written);
        expect(holes(state)).toEqual([]);
        if (state.view !== 'cut') expect(state.messages.at(-1)?.id).toBe(`m${written}`);
      }),
      { numRuns: 300 },
    );
  });
});
