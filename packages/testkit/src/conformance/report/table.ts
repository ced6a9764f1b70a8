import { type CaseResult, type ConformanceReport, rulesOf } from '../outcome.js';

const MARK = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' } as const;

/** A report for people: what failed and why last, so that it is what one sees. */
export function tableReport(report: ConformanceReport): string {
  const width = Math.max(...report.results.map((result) => rulesOf(result).length), 5);
  const line = (result: CaseResult) =>
    `${MARK[result.outcome.kind]}  ${rulesOf(result).padEnd(width)}  ${result.level.padEnd(6)}  ${result.name}`;
  const why = (kind: 'failed' | 'skipped') =>
    report.results.flatMap(({ outcome, rules, name }) =>
      outcome.kind === kind ? [`  ${rulesOf({ rules })}: ${name}`, `      ${outcome.why}`] : [],
    );
  const skipped = why('skipped');
  const failed = why('failed');
  return [
    `${report.target} ${report.subject}`,
    '',
    ...report.results.map(line),
    ...(skipped.length > 0 ? ['', 'Skipped:', ...skipped] : []),
    ...(failed.length > 0 ? ['', 'Failed:', ...failed] : []),
    '',
    `${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped: ${report.conforms ? 'conforms' : 'does not conform'}`,
    '',
  ].join('\n');
}
