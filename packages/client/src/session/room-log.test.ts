import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RoomLog, type RoomLogEffect, type RoomLogEvent, stepRoomLog } from './room-log.js';

type Log = RoomLog<number> | undefined;

/** Feeds the events; gives what was delivered, the gaps, and whether a resume is wanted. */
function play(log: Log, ...events: RoomLogEvent<number>[]) {
  const effects: RoomLogEffect<number>[] = [];
  let current = log;
  for (const event of events) {
    const [after, ...follow] = stepRoomLog(current, event);
    current = after;
    effects.push(...follow);
  }
  return {
    log: current,
    delivered: effects.flatMap((effect) => (effect[0] === 'deliver' ? [effect[1]] : [])),
    gaps: effects.flatMap((effect) => (effect[0] === 'gap' ? [effect[1]] : [])),
    resumes: effects.filter(([run]) => run === 'resume').length,
  };
}

const at = (epoch: string, seq: number): RoomLogEvent<number> => ['announced', epoch, seq];
const entry = (seq: number): RoomLogEvent<number> => ['entry', seq, seq];
const resumed = (
  status: string,
  seq: number,
  epoch = 'e',
  asked = { epoch, seq: 0 },
): RoomLogEvent<number> => ['resumed', asked, { status, epoch, seq }];

describe('the log of a room', () => {
  it('delivers what follows, and drops what was seen (B3.1)', () => {
    const { delivered, resumes } = play(undefined, at('e', 5), entry(6), entry(6), entry(5), entry(7));
    expect(delivered).toEqual([6, 7]);
    expect(resumes).toBe(0);
  });

  it('knows its place before any event: a resume with zero events received works (B3.2)', () => {
    const { log } = play(undefined, at('e', 5));
    const { resumes, delivered, gaps } = play(log, at('e', 7), entry(6), entry(7), resumed('recovered', 7));
    expect([resumes, delivered, gaps]).toEqual([1, [6, 7], []]);
  });

  it('holds what comes after a hole, asks once, and delivers in order when it is filled', () => {
    const { delivered, resumes, gaps } = play(
      undefined,
      at('e', 1),
      entry(4),
      entry(5),
      entry(2),
      entry(3),
      resumed('recovered', 5),
      entry(6),
    );
    expect([delivered, resumes, gaps]).toEqual([[2, 3, 4, 5, 6], 1, []]);
  });

  it('says precisely what is past retention (B3.4)', () => {
    const { delivered, gaps } = play(
      undefined,
      at('e', 1),
      at('e', 9),
      entry(7),
      entry(8),
      entry(9),
      resumed('gap', 9),
    );
    expect(gaps).toEqual([{ from: 2, to: 6, reason: 'retention' }]);
    expect(delivered).toEqual([7, 8, 9]);
  });

  it('says so too when nothing at all could be had', () => {
    const { delivered, gaps } = play(undefined, at('e', 1), at('e', 9), resumed('gap', 9), entry(10));
    expect(gaps).toEqual([{ from: 2, to: 9, reason: 'retention' }]);
    expect(delivered).toEqual([10]);
  });

  it('starts anew with a new epoch, and says so', () => {
    const { log, gaps, delivered } = play(undefined, at('e', 5), at('f', 2), entry(3));
    expect(gaps).toEqual([{ from: 6, to: 6, reason: 'epoch' }]);
    expect(delivered).toEqual([3]);
    expect(log).toMatchObject({ epoch: 'f', seq: 3 });
  });

  it('asks where it is when the server is behind, and believes a log that went back (B3.4)', () => {
    const behind = play(undefined, at('e', 5), entry(6), at('e', 3));
    expect([behind.resumes, behind.gaps]).toEqual([1, []]);
    // Only the snapshot was older.
    const older = play(behind.log, resumed('recovered', 6, 'e', { epoch: 'e', seq: 6 }), entry(7));
    expect([older.gaps, older.delivered]).toEqual([[], [7]]);
    // An older copy of the log is served, and goes on under numbers that were seen.
    const back = play(behind.log, resumed('gap', 3, 'e', { epoch: 'e', seq: 6 }), entry(4), entry(5));
    expect(back.gaps).toEqual([{ from: 7, to: 7, reason: 'epoch' }]);
    expect(back.delivered).toEqual([4, 5]);
    // What came by the old connection meanwhile does not make a gap of retention one of these.
    const farther = play(
      undefined,
      at('e', 1),
      at('e', 9),
      entry(2),
      resumed('gap', 9, 'e', { epoch: 'e', seq: 1 }),
    );
    expect(farther.gaps).toEqual([{ from: 3, to: 9, reason: 'retention' }]);
  });

  it('takes the first entry of a room entered live as its place, and asks of which log', () => {
    const { log, delivered, resumes } = play(undefined, entry(7), entry(8));
    expect([delivered, resumes]).toEqual([[7, 8], 1]);
    const named = play(log, resumed('gap', 8, 'e', { epoch: '?', seq: 7 }));
    expect([named.gaps, named.resumes]).toEqual([[], 0]);
    expect(named.log).toMatchObject({ epoch: 'e', seq: 8, standing: 'level' });
    // That the log was lost shows although the new one is shorter.
    expect(play(named.log, at('f', 2), entry(3))).toMatchObject({
      gaps: [{ from: 9, to: 9, reason: 'epoch' }],
      delivered: [3],
    });
  });

  it('asks for the rest when the server is further than what came of a room entered live', () => {
    const named = play(undefined, entry(7), entry(10), resumed('gap', 10, 'e', { epoch: '?', seq: 7 }));
    expect([named.delivered, named.gaps, named.resumes]).toEqual([[7], [], 2]);
    const filled = play(named.log, entry(8), entry(9), resumed('recovered', 10));
    expect([filled.delivered, filled.gaps]).toEqual([[8, 9, 10], []]);
  });

  it('asks anew when the log was named before the answer to a question about another one', () => {
    const entered = play(undefined, entry(6), at('e', 7), resumed('gap', 7, 'e', { epoch: '?', seq: 6 }));
    expect([entered.gaps, entered.resumes]).toEqual([[], 2]);
    const lost = play(
      undefined,
      at('d', 3),
      entry(5),
      at('e', 6),
      resumed('gap', 8, 'e', { epoch: 'd', seq: 3 }),
    );
    expect([lost.gaps, lost.resumes]).toEqual([[{ from: 4, to: 6, reason: 'epoch' }], 2]);
    for (const { log } of [entered, lost])
      expect(play(log, entry(7), entry(8), resumed('recovered', 8))).toMatchObject({
        delivered: [7, 8],
        gaps: [],
      });
  });

  it('takes the epoch from the next welcome when nobody answered', () => {
    const { log } = play(undefined, entry(7), ['cut']);
    expect(play(log, at('e', 7)).log).toMatchObject({ epoch: 'e', seq: 7, standing: 'level' });
  });

  it('forgets a room from which it is barred', () => {
    const { log, gaps } = play(undefined, at('e', 5), at('e', 6), [
      'resumed',
      { epoch: 'e', seq: 5 },
      { status: 'denied' },
    ]);
    expect(log).toBeUndefined();
    expect(gaps).toMatchObject([{ reason: 'denied' }]);
  });

  it('gives up a hole when 1,000 entries wait behind it', () => {
    const events = Array.from({ length: 1_001 }, (_, index) => entry(index + 3));
    const { gaps, delivered, log } = play(undefined, at('e', 1), ...events);
    expect(gaps).toEqual([{ from: 2, to: 2, reason: 'overflow' }]);
    expect(delivered).toHaveLength(1_001);
    expect(log?.held).toEqual([]);
  });

  it('forgets what it held when the connection goes, and asks again on the next', () => {
    const { log } = play(undefined, at('e', 1), entry(3), ['cut']);
    const { delivered, resumes } = play(log, at('e', 3), entry(2), entry(3), resumed('recovered', 3));
    expect([delivered, resumes]).toEqual([[2, 3], 1]);
  });

  it('loses nothing silently and delivers nothing twice, whatever the network does', () => {
    const disorder = fc.record({
      seqs: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 120 }),
      resumeAt: fc.array(fc.nat(119), { maxLength: 6 }),
      cutAt: fc.array(fc.nat(119), { maxLength: 3 }),
      status: fc.constantFrom('recovered', 'gap', 'something new'),
    });
    fc.assert(
      fc.property(disorder, ({ seqs, resumeAt, cutAt, status }) => {
        const events: RoomLogEvent<number>[] = [at('e', 0)];
        for (const [index, seq] of seqs.entries()) {
          events.push(entry(seq));
          if (cutAt.includes(index)) events.push(['cut']);
          if (resumeAt.includes(index)) events.push(resumed(status, Math.max(...seqs.slice(0, index + 1))));
        }
        events.push(resumed('recovered', 41), ['given_up', 'unrecovered']);
        const { delivered, gaps } = play(undefined, ...events);
        expect(delivered).toEqual([...delivered].sort((a, b) => a - b));
        const missed = gaps.flatMap(({ from, to }) =>
          Array.from({ length: to - from + 1 }, (_, i) => from + i),
        );
        // Everything up to the end is either delivered or reported, once.
        expect([...delivered, ...missed].sort((a, b) => a - b)).toEqual(
          Array.from({ length: 41 }, (_, i) => i + 1),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
