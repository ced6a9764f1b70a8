import { describe, expect, it } from 'vitest';
import {
  type ConformanceReport,
  createFakeServer,
  fakeServerTarget,
  jsonReport,
  judgeServer,
  junitReport,
  tableReport,
  tapReport,
} from '../src/index.js';
import { type Mutation, mutantDial } from './mutants/mutant-dial.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiYWRhIn0.c2lnbmF0dXJl';
const OPAQUE = 'R2-SECRET';

async function judged(mutation: Mutation, only?: string): Promise<ConformanceReport> {
  await using server = createFakeServer({ seed: 'telling' });
  const target = fakeServerTarget(server);
  if (!target.dial) throw new Error('the fake server in memory has a dial');
  const dial = mutantDial(target.dial, mutation);
  return await judgeServer({ ...target, dial, deadlineMs: 100 }, only === undefined ? {} : { only });
}

const failures = ({ results }: ConformanceReport) =>
  results.flatMap(({ outcome }) => (outcome.kind === 'failed' ? [outcome.why] : []));

let refreshes = 0;
const refreshed = (change: (data: object) => unknown): Mutation => ({
  down(envelope) {
    if (envelope.data?.status !== 'refreshed') return envelope;
    const changed = change(envelope.data);
    return typeof changed === 'string' ? changed : { ...envelope, data: changed as Record<string, unknown> };
  },
});

describe('a report of a server that', () => {
  it.each<[string, Mutation]>([
    [
      'gives a repeated refresh other tokens',
      refreshed((data) => ({
        ...data,
        access_token: `${JWT}${++refreshes}`,
        refresh_token: `${OPAQUE}${refreshes}`,
      })),
    ],
    [
      'sends two envelopes with tokens in a frame',
      refreshed((data) => `${JSON.stringify({ refresh_token: OPAQUE, ...data })}\n{}`),
    ],
    [
      'repeats a token in an error',
      {
        down: (envelope) =>
          envelope.error
            ? { ...envelope, error: { ...envelope.error, code: `${JWT} {"refresh_token":"${OPAQUE}"}` } }
            : envelope,
      },
    ],
  ])('%s names none of them, in no format', async (_, mutation) => {
    const report = await judged(mutation, 'A5.3');
    expect(failures(report)).not.toEqual([]);
    for (const format of [tableReport, jsonReport, junitReport, tapReport]) {
      expect(format(report)).not.toMatch(/eyJ/);
      expect(format(report)).not.toContain(OPAQUE);
    }
  });

  it('leaves details out of its errors says so in words, in every case', async () => {
    const report = await judged({
      down({ error, ...envelope }) {
        if (!error) return envelope;
        return JSON.stringify({ ...envelope, error: { code: error.code, message: error.message } });
      },
    });
    const told = failures(report);
    expect(told.length).toBeGreaterThan(10);
    expect(told.filter((why) => /Cannot read|undefined \(|NaN/.test(why))).toEqual([]);
  }, 60_000);
});
