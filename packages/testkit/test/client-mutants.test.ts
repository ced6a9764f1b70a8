import { describe, expect, it } from 'vitest';
import { CLIENT_CASES, judgeClient } from '../src/index.js';
import { CLIENT_MUTANTS } from './mutants/client-mutants.js';

describe('a suite that cannot fail proves nothing', () => {
  it('plants at least 15 faults in the client, each with a name of its own and a case that exists', () => {
    expect(new Set(CLIENT_MUTANTS.map(({ name }) => name)).size).toBe(CLIENT_MUTANTS.length);
    expect(CLIENT_MUTANTS.length).toBeGreaterThanOrEqual(15);
    for (const { killedBy } of CLIENT_MUTANTS)
      expect(CLIENT_CASES.map(({ name }) => name)).toContain(killedBy);
  });

  it('has a fault for every case', () => {
    const killed = new Set(CLIENT_MUTANTS.map(({ killedBy }) => killedBy));
    expect(CLIENT_CASES.map(({ name }) => name).filter((name) => !killed.has(name))).toEqual([]);
  });

  it.each(CLIENT_MUTANTS)('notices: $name', async ({ killedBy, create }) => {
    const report = await judgeClient(
      { kind: 'client', name: 'mutant', create },
      { only: killedBy, caseTimeoutMs: 5_000 },
    );
    expect(report.results).toMatchObject([{ name: killedBy, outcome: { kind: 'failed' } }]);
  });
});
