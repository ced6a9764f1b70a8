import { expect, it } from 'vitest';
import { createFakeServer } from '../../fake-server/create-fake-server.js';
import type { ConformanceReport } from '../outcome.js';
import { fakeServerTarget } from './fake-admin.js';
import { judgeServer } from './judge-server.js';

const told = (report: ConformanceReport, kind: 'failed' | 'skipped') =>
  report.results.flatMap(({ name, outcome }) => (outcome.kind === kind ? [`${name}: ${outcome.why}`] : []));

it('finds nothing wrong with the fake server in memory', async () => {
  await using server = createFakeServer({ seed: 'conformance' });
  const report = await judgeServer(fakeServerTarget(server));
  expect(told(report, 'failed')).toEqual([]);
  const hidden = ['hides the status of a refused upgrade', 'no sockets below WebSocket', 'could fill'];
  expect(told(report, 'skipped').filter((why) => !hidden.some((end) => why.endsWith(end)))).toEqual([]);
  expect(report.conforms).toBe(true);
}, 60_000);

it('finds nothing wrong with the fake server on a real port', async () => {
  await using server = await createFakeServer({ transport: 'ws' });
  const report = await judgeServer(fakeServerTarget(server));
  expect(told(report, 'failed')).toEqual([]);
  expect(report.conforms).toBe(true);
}, 60_000);

it('skips what needs v1 on a base-only server, and says why', async () => {
  await using server = createFakeServer({ v1: false });
  const report = await judgeServer(fakeServerTarget(server));
  expect(told(report, 'failed')).toEqual([]);
  expect(
    told(report, 'skipped').filter((why) => why.endsWith('does not select goconnect.v1')).length,
  ).toBeGreaterThan(15);
  expect(report.conforms).toBe(true);
}, 60_000);
