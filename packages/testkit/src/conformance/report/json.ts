import type { ConformanceReport } from '../outcome.js';

/** A report for programs. */
export function jsonReport(report: ConformanceReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
