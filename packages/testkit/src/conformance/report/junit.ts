import { type CaseResult, type ConformanceReport, rulesOf } from '../outcome.js';

/** A report as JUnit XML, which every CI reads. */
export function junitReport(report: ConformanceReport): string {
  const { results, failed, skipped, target, complete, why } = report;
  const because = why === undefined ? '' : xml(` (${why})`);
  // The format knows no unfinished run; an error is what no CI takes for success.
  const stopped = complete
    ? []
    : [
        `  <testcase name="every case"><error message="the run was stopped before its end${because}"/></testcase>`,
      ];
  const seconds = results.reduce((sum, { ms }) => sum + ms, 0) / 1_000;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="goconnect ${target}" tests="${results.length + stopped.length}" failures="${failed}" errors="${stopped.length}" skipped="${skipped}" time="${seconds}">`,
    ...results.map(testCase),
    ...stopped,
    '</testsuite>',
    '',
  ].join('\n');
}

function testCase({ name, rules, level, outcome, ms }: CaseResult): string {
  const head = `  <testcase classname="${xml(rulesOf({ rules }))}" name="${xml(name)}" time="${ms / 1_000}"`;
  if (outcome.kind === 'passed') return `${head}/>`;
  const inner =
    outcome.kind === 'failed'
      ? `<failure type="${level}" message="${xml(outcome.why)}"/>`
      : `<skipped message="${xml(outcome.why)}"/>`;
  return `${head}>${inner}</testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** What a target says may stand in a message: characters that XML cannot hold become U+FFFD. */
function xml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
}
