import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ConformanceReport, judgeForeignClient, type RunOptions } from '@goconnect/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolOrSkip } from '../../../scripts/tools.mjs';

const prove = process.env.GOCONNECT_PROVE === '1';
const all = prove || process.env.GOCONNECT_REQUIRE_ALL === '1';
/** `npm test` looks only at what servers write; CI at every case but those that take minutes, `npm run prove` at those as well. */
const PART: RunOptions = all ? {} : { only: 'A1.4' };

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const shell = (...parts: readonly string[]) => parts.map((one) => JSON.stringify(one)).join(' ');

/** Fails nothing, and says of v1 no more than that it does not speak it. */
function mustKeepTheBaseContract(report: ConformanceReport): void {
  const told = (kind: string) => report.results.filter(({ outcome }) => outcome.kind === kind);
  expect(told('failed')).toEqual([]);
  expect(report.passed).toBeGreaterThanOrEqual(all ? 18 : 3);
  const v1 = told('skipped').filter(
    ({ outcome }) => 'why' in outcome && outcome.why.includes('goconnect.v1'),
  );
  expect(v1.length).toBe(all ? 11 : 0);
}

describe('the example clients, judged as any foreign client', { timeout: prove ? 900_000 : 240_000 }, () => {
  it('node_client.js keeps the base contract', async () => {
    const command = shell('node', here('../conformance/node_client_adapter.mjs'));
    mustKeepTheBaseContract(await judgeForeignClient({ command, slow: prove }, PART));
  });

  const go = toolOrSkip('go');
  describe.skipIf(go === undefined)('in Go', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'goconnect-go-'));
      const cwd = here('../websocket');
      await promisify(execFile)(go ?? 'go', ['build', '-o', join(folder, 'go_client'), '.'], { cwd });
    }, 180_000);
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('go_client.go keeps the base contract, driven as by a person at a terminal', async () => {
      const adapter = here('../conformance/console_adapter.mjs');
      const command = shell('node', adapter, join(folder, 'go_client'));
      mustKeepTheBaseContract(await judgeForeignClient({ command, slow: prove }, PART));
    });
  });
});
