import { afterAll, beforeAll, expect, it } from 'vitest';
import { judgeServer } from '../src/index.js';
import { type ReferenceServer, realTime, startReferenceServer } from './reference-server.js';

let reference: ReferenceServer;

beforeAll(async () => {
  reference = await startReferenceServer();
}, 120_000);
afterAll(() => reference.stop());

/** `npm run prove` sets it: cases that wait for up to a minute of real time run as well. */
const long = process.env.GOCONNECT_PROVE === '1';

it('the reference server does everything that a case asks of it', async () => {
  const target = long ? { ...reference.target, passTime: realTime } : reference.target;
  const report = await judgeServer(target, { caseTimeoutMs: long ? 180_000 : 60_000 });
  const failed = report.results.flatMap(({ name, outcome }) =>
    outcome.kind === 'failed' ? [`${name}: ${outcome.why}`] : [],
  );
  const skipped = report.results.flatMap(({ name, outcome }) =>
    outcome.kind === 'skipped' ? [`${name}: ${outcome.why}`] : [],
  );
  expect(failed).toEqual([]);
  // Rights come from the rows of users, and no call of the HTTP API makes a moderator of the deployment.
  const known = ['--slow', 'no user who is a moderator of the deployment'];
  expect(skipped.filter((why) => !known.some((end) => why.endsWith(end)))).toEqual([]);
  expect(report.conforms).toBe(true);
  expect(report.passed).toBeGreaterThanOrEqual(115);
}, 600_000);
