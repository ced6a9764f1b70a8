import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../src/command/run-command.js';
import { type ConformanceReport, judgeForeignClient } from '../src/index.js';
import { MUTANTS } from './adapters/mutants.mjs';

/** `npm test` runs some of the cases and mutants, CI all that do not take minutes, `npm run prove` those as well. */
const prove = process.env.GOCONNECT_PROVE === '1';
const all = prove || process.env.GOCONNECT_REQUIRE_ALL === '1';

const script = (path: string, ...args: string[]) =>
  ['node', fileURLToPath(new URL(path, import.meta.url)), ...args]
    .map((one) => JSON.stringify(one))
    .join(' ');
const REFERENCE = script('./example/adapter.mjs');
const broken = (how: string) => script('./adapters/broken.mjs', how);

const told = ({ results }: ConformanceReport, kind: 'failed' | 'skipped') =>
  results.flatMap(({ name, outcome }) => (outcome.kind === kind ? [`${name}: ${outcome.why}`] : []));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect-foreign-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function command(args: readonly string[], stopped: Promise<void> = new Promise(() => {})) {
  const out: string[] = [];
  const err: string[] = [];
  const host = {
    out: (text: string) => out.push(text),
    err: (text: string) => err.push(text),
    stopped,
  };
  const code = await runCommand(args, host);
  return { code, out: out.join(''), err: err.join('') };
}

/** Processes whose id is in a text and that still live. */
function alive(text: string): readonly number[] {
  const pids = [...text.matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid));
  expect(pids.length).toBeGreaterThan(0);
  return pids.filter((pid) => {
    try {
      process.kill(pid, 0);
      // Dead, and only not buried yet by whoever inherited it.
      return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return false;
    }
  });
}

describe('a client in a process of its own', { timeout: 60_000 }, () => {
  it('is judged by the command, which prints a table and writes every report', async () => {
    const files = ['r.json', 'r.xml', 'r.tap'].map((name) => join(folder, name));
    const reports = ['--json', '--junit', '--tap'].flatMap((flag, index) => [flag, files[index] ?? '']);
    const args = ['conformance', 'client', '--command', REFERENCE, '--only', 'A1.4', ...reports];
    const { code, out } = await command(args);
    expect(out).toMatch(/ok .* MUST .* survives unknown types/);
    expect(out).toMatch(/3 passed, 0 failed, 0 skipped: conforms\n$/);
    expect(code).toBe(0);
    const [json = '', junit = '', tap = ''] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    expect(JSON.parse(json)).toMatchObject({ target: 'client', passed: 3, conforms: true });
    expect(junit).toContain('<testsuite name="goconnect client" tests="3" failures="0"');
    expect(tap).toMatch(/^TAP version 13\n1\.\.3\nok 1/);
  });
});

describe('a suite that cannot fail proves nothing', { timeout: prove ? 900_000 : 240_000 }, () => {
  it.runIf(all).concurrent('passes for ours, by every case that can be run in this time', async () => {
    const report = await judgeForeignClient({ command: REFERENCE, slow: prove });
    expect(told(report, 'failed')).toEqual([]);
    const reasons = told(report, 'skipped').filter((why) => prove || !why.endsWith('give --slow'));
    expect(
      reasons.every((why) => /of its own (brings|cannot)/.test(why) || why.includes('cannot be set')),
    ).toBe(true);
    expect(report.passed).toBeGreaterThanOrEqual(prove ? 40 : 32);
  });

  it.concurrent.each(MUTANTS.filter(({ quick }) => quick || all))('notices: $name', async (mutant) => {
    const { name, killedBy } = mutant;
    const report = await judgeForeignClient(
      { command: script('./adapters/mutant.mjs', name) },
      { only: killedBy, caseTimeoutMs: 25_000 },
    );
    expect(report.results).toMatchObject([{ name: killedBy, outcome: { kind: 'failed' } }]);
  });
});

describe('an adapter that does wrong', { timeout: 60_000 }, () => {
  const CASE = 'gives each operation an op_id of its own';

  it.concurrent.each([
    ['garbage', /a line that is no JSON: Hello, I am a client/],
    ['no such ability', /unknown ability "fly"; there are v1, ping/],
    ['mute', /did not say ready within 3000 ms/],
  ])('that is %s never begins: the command says why and exits with 2', async (how, message) => {
    const failure = await judgeForeignClient({
      command: broken(how),
      readyMs: how === 'mute' ? 3_000 : 30_000,
    }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'adapter_failed', message: expect.stringMatching(message) });
    expect(alive(String((failure as Error).message))).toEqual([]);
  });

  it.concurrent.each([
    ['flood', /wrote more than 50000 lines/],
    ['endless line', /a line of more than 1048576 characters/],
    ['dies', /ended by itself \(3\); its standard error: [\s\S]*out of luck/],
  ])('that is %s fails the case with the reason, and is ended', async (how, message) => {
    const report = await judgeForeignClient({ command: broken(how) }, { only: CASE });
    const [why = ''] = told(report, 'failed');
    expect(why).toMatch(message);
    expect(alive(why)).toEqual([]);
    expect(report.conforms).toBe(false);
  });

  it.concurrent('that hears nothing fails the case at its time limit, and is ended', async () => {
    const report = await judgeForeignClient(
      { command: broken('deaf'), closeMs: 200 },
      { only: CASE, caseTimeoutMs: 500 },
    );
    expect(told(report, 'failed')).toEqual([`${CASE}: The case did not end within 500 ms`]);
  });

  it('is refused by the command with what to do', async () => {
    const { code, err } = await command(['conformance', 'client', '--command', 'no-such-program-of-ours']);
    expect(code).toBe(2);
    expect(err).toMatch(/did not get ready: .*ended by itself \(127\)[\s\S]*\{"do":"start",…\}/);
  });

  it('is ended by Ctrl-C, with everything it started, however it clings to life', async () => {
    let stop = () => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const marker = join(folder, 'pids');
    const judging = command(
      ['conformance', 'client', '--command', `${broken('undying')} 2>>${marker}`, '--only', CASE],
      stopped,
    );
    // The first run only asks what it can; the second plays the case, and both have a child.
    const pids = async () => readFile(marker, 'utf8').catch(() => '');
    await expect.poll(async () => [...(await pids()).matchAll(/pid/g)].length, { timeout: 30_000 }).toBe(4);
    stop();
    const { code, err } = await judging;
    expect([code, err]).toEqual([130, 's\nStopped after 1 cases.\n']);
    await expect.poll(async () => alive(await pids())).toEqual([]);
  });
});
