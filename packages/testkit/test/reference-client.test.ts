import { expect, it } from 'vitest';
import { judgeClient } from '../src/index.js';
import { honestSocket } from './mutants/client-mutants.js';
import { referenceClient } from './reference-client.js';

/**
 * What the client does not do yet. Browsers and `ws` refuse a server that selects none of the subprotocols they offered, so a
 * client has to dial such a server again without offering any. Empty this list once it does.
 */
const NOT_YET = ['speaks the base contract to a server that does not know v1'];

it('the reference client does everything that a case asks of it', async () => {
  const report = await judgeClient(referenceClient);
  const failed = report.results.flatMap(({ name, outcome }) =>
    outcome.kind === 'failed' && !NOT_YET.includes(name) ? [`${name}: ${outcome.why}`] : [],
  );
  expect(failed).toEqual([]);
  expect(report.skipped).toBe(0);
  expect(report.passed).toBeGreaterThanOrEqual(30);
}, 60_000);

it('the wrapper through which faults are planted is none itself', async () => {
  const report = await judgeClient({ ...referenceClient, create: honestSocket });
  expect(
    report.results.filter(({ name, outcome }) => outcome.kind === 'failed' && !NOT_YET.includes(name)),
  ).toEqual([]);
}, 60_000);
