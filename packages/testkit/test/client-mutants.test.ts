import { describe, expect, it } from 'vitest';
import { CLIENT_CASES, judgeClient } from '../src/index.js';
import { CLIENT_CLAUSE_MUTANTS } from './mutants/client-clause-mutants.js';
import { CLIENT_MUTANTS } from './mutants/client-mutants.js';

const ALL = [...CLIENT_MUTANTS, ...CLIENT_CLAUSE_MUTANTS];

describe('a suite that cannot fail proves nothing', () => {
  it('plants at least 15 faults in the client, each with a name of its own and a case that exists', () => {
    expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
    expect(ALL.length).toBeGreaterThanOrEqual(15);
    for (const { killedBy } of ALL) expect(CLIENT_CASES.map(({ name }) => name)).toContain(killedBy);
  });

  it('has a fault for every case', () => {
    const killed = new Set(ALL.map(({ killedBy }) => killedBy));
    expect(CLIENT_CASES.map(({ name }) => name).filter((name) => !killed.has(name))).toEqual([]);
  });

  it.each(ALL)('notices: $name', async ({ killedBy, create }) => {
    const report = await judgeClient(
      { kind: 'client', name: 'mutant', create },
      { only: killedBy, caseTimeoutMs: 5_000 },
    );
    expect(report.results).toMatchObject([{ name: killedBy, outcome: { kind: 'failed' } }]);
  });
});
