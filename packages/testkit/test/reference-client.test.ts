import { expect, it } from 'vitest';
import { judgeClient } from '../src/index.js';
import { honestSocket } from './mutants/client-faults.js';
import { referenceClient } from './reference-client.js';

it('the reference client does everything that a case asks of it', async () => {
  const report = await judgeClient(referenceClient);
  const failed = report.results.flatMap(({ name, outcome }) =>
    outcome.kind === 'failed' ? [`${name}: ${outcome.why}`] : [],
  );
  expect(failed).toEqual([]);
  expect(report.skipped).toBe(0);
  expect(report.passed).toBeGreaterThanOrEqual(30);
}, 60_000);

it('the wrapper through which faults are planted is none itself', async () => {
  const report = await judgeClient({ ...referenceClient, create: honestSocket });
  expect(report.results.filter(({ outcome }) => outcome.kind === 'failed')).toEqual([]);
}, 60_000);
