import { type CaseResult, type ConformanceReport, rulesOf } from '../outcome.js';
import { printable } from './printable.js';

const MARK = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' } as const;

/** A report for people: what failed and why last, so that it is what one sees; with its clauses, to look them up. */
export function tableReport(report: ConformanceReport): string {
  const width = Math.max(...report.results.map((result) => rulesOf(result).length), 5);
  const line = (result: CaseResult) =>
    `${MARK[result.outcome.kind]}  ${rulesOf(result).padEnd(width)}  ${result.level.padEnd(6)}  ${result.name}`;
  const why = (kind: 'failed' | 'skipped') =>
    report.results.flatMap(({ outcome, rules, name }) =>
      outcome.kind === kind ? [`  ${rules.join(' ')}: ${name}`, indented(outcome.why)] : [],
    );
  const skipped = why('skipped');
  const failed = why('failed');
  return [
    printable(`${report.target} ${report.subject}`),
    '',
    ...report.results.map(line),
    ...(skipped.length > 0 ? ['', 'Skipped:', ...skipped] : []),
    ...(failed.length > 0 ? ['', 'Failed:', ...failed] : []),
    '',
    `${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped: ${verdict(report)}`,
    '',
  ].join('\n');
}

function verdict({ complete, why, conforms }: ConformanceReport): string {
  const because = why === undefined ? '' : ` (${printable(why)})`;
  if (!complete) return `stopped before its end${because}, which proves nothing`;
  return conforms ? 'conforms' : 'does not conform';
}

/** Every line of it, so that none looks like one of the table's own. */
function indented(why: string): string {
  return printable(why).replace(/^/gm, '      ');
}
