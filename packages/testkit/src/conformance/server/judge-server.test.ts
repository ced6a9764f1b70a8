import { expect, it } from 'vitest';
import { createFakeServer } from '../../fake-server/create-fake-server.js';
import { fakeServerTarget } from './fake-admin.js';
import { judgeServer } from './judge-server.js';

it('finds nothing wrong with the fake server in memory', async () => {
  const server = createFakeServer({ seed: 'conformance' });
  const report = await judgeServer(fakeServerTarget(server));
  expect(
    report.results
      .filter(({ outcome }) => outcome.kind === 'failed')
      .map(({ name, outcome }) => [name, outcome]),
  ).toEqual([]);
  expect(report.conforms).toBe(true);

    report.passed,
    report.results
      .filter(({ outcome }) => outcome.kind === 'skipped')
      .map(({ name, outcome }) => [name, outcome]),
    report.results.filter((r) => r.ms > 200).map((r) => [r.name, r.ms]),
  );
  await server.close();
}, 60_000);
