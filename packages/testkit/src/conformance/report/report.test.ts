import { describe, expect, it } from 'vitest';
import { type CaseResult, summarise } from '../outcome.js';
import { jsonReport } from './json.js';
import { junitReport } from './junit.js';
import { tableReport } from './table.js';
import { tapReport } from './tap.js';

const result = (
  name: string,
  outcome: CaseResult['outcome'],
  level: CaseResult['level'] = 'MUST',
): CaseResult => ({
  name,
  rules: ['A1.1/text', 'A2.1/once', 'A2.1/echo'],
  level,
  target: 'server',
  outcome,
  ms: 12,
});

const run = (...results: CaseResult[]) => ({ results, complete: true });

const report = summarise(
  'server',
  'ws://host/v1/ws',
  run(
    result('works', { kind: 'passed' }),
    result('breaks # here', { kind: 'failed', why: 'expected <1> & got "2"\u0000' }),
    result('waits', { kind: 'skipped', why: 'it takes\nlong' }),
  ),
);

describe('a report', () => {
  it('conforms only when a MUST passed and none failed', () => {
    expect(report).toMatchObject({ passed: 1, failed: 1, skipped: 1, conforms: false });
    expect(
      summarise(
        'server',
        's',
        run(result('a', { kind: 'passed' }), result('b', { kind: 'failed', why: '' }, 'SHOULD')),
      ).conforms,
    ).toBe(true);
    expect(summarise('server', 's', run(result('a', { kind: 'skipped', why: '' }))).conforms).toBe(false);
    expect(summarise('server', 's', run()).conforms).toBe(false);
  });

  it('reads as a table that ends with what failed', () => {
    expect(tableReport(report)).toMatchInlineSnapshot(`
      "server ws://host/v1/ws

      ok    A1.1 A2.1  MUST    works
      FAIL  A1.1 A2.1  MUST    breaks # here
      skip  A1.1 A2.1  MUST    waits

      Skipped:
        A1.1/text A2.1/once A2.1/echo: waits
            it takes
            long

      Failed:
        A1.1/text A2.1/once A2.1/echo: breaks # here
            expected <1> & got "2"�

      1 passed, 1 failed, 1 skipped: does not conform
      "
    `);
  });

  it('is TAP', () => {
    expect(tapReport(report)).toMatchInlineSnapshot(`
      "TAP version 13
      1..3
      ok 1 - A1.1 A2.1 works
      not ok 2 - A1.1 A2.1 breaks  here
        ---
        message: "expected <1> & got \\"2\\"\\u0000"
        ...
      ok 3 - A1.1 A2.1 waits # SKIP it takes long
      "
    `);
  });

  it('is JUnit XML, whatever characters the target sent', () => {
    expect(junitReport(report)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuite name="goconnect server" tests="3" failures="1" errors="0" skipped="1" time="0.036">
        <testcase classname="A1.1 A2.1" name="works" time="0.012"/>
        <testcase classname="A1.1 A2.1" name="breaks # here" time="0.012"><failure type="MUST" message="expected &lt;1&gt; &amp; got &quot;2&quot;�"/></testcase>
        <testcase classname="A1.1 A2.1" name="waits" time="0.012"><skipped message="it takes
      long"/></testcase>
      </testsuite>
      "
    `);
  });

  it('says in each format that the run was stopped, and never that the target conforms', () => {
    const stopped = summarise('server', 'ws://host/v1/ws', {
      ...run(result('works', { kind: 'passed' })),
      complete: false,
    });
    expect(stopped).toMatchObject({ complete: false, conforms: false });
    expect(tableReport(stopped)).toMatch(/1 passed, 0 failed, 0 skipped: stopped before its end/);
    expect(JSON.parse(jsonReport(stopped))).toMatchObject({ complete: false });
    expect(junitReport(stopped)).toMatch(
      /tests="2" failures="0" errors="1".*<error message="the run was stopped/s,
    );
    expect(tapReport(stopped)).toMatch(/^Bail out! The run was stopped/m);
  });

  it('says in each format why the run ended, where nobody stopped it', () => {
    const ended = summarise('server', 's', { ...run(), complete: false, why: 'no <tokens>' });
    expect(tableReport(ended)).toContain('stopped before its end (no <tokens>), which proves nothing');
    expect(junitReport(ended)).toContain('stopped before its end (no &lt;tokens&gt;)"');
    expect(tapReport(ended)).toContain('stopped before its end (no <tokens>).');
    expect(JSON.parse(jsonReport(ended))).toMatchObject({ why: 'no <tokens>', conforms: false });
  });

  it('lets a target neither draw on the terminal nor write lines of the table', () => {
    const why = 'a\u001b[2Kb\u009bc\r\u202ed\n1 passed, 0 failed, 0 skipped: conforms';
    const table = tableReport(summarise('server', 'ws://\u0007', run(result('x', { kind: 'failed', why }))));
    expect(table).toContain('      a\ufffd[2Kb\ufffdc\ufffd\ufffdd\n      1 passed');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(table).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('is JSON', () => {
    expect(JSON.parse(jsonReport(report))).toEqual(report);
  });
});
