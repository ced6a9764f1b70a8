import { type CaseResult, type ConformanceReport, rulesOf } from '../outcome.js';

/** A report in the Test Anything Protocol, version 13. */
export function tapReport({ results, complete, why }: ConformanceReport): string {
  // What a harness takes for a run without an end.
  const stopped = complete
    ? []
    : [`Bail out! The run was stopped before its end${why === undefined ? '' : ` (${why})`}.`];
  return ['TAP version 13', `1..${results.length}`, ...results.flatMap(point), ...stopped, ''].join('\n');
}

function point({ name, rules, outcome }: CaseResult, index: number): readonly string[] {
  // A hash would start a directive.
  const title = `${index + 1} - ${rulesOf({ rules })} ${name}`.replace(/#/g, '');
  if (outcome.kind === 'passed') return [`ok ${title}`];
  if (outcome.kind === 'skipped') return [`ok ${title} # SKIP ${oneLine(outcome.why)}`];
  return [`not ok ${title}`, '  ---', `  message: ${JSON.stringify(outcome.why)}`, '  ...'];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
