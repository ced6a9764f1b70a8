/** What a test run really counted, kept in a file so that CI can close with it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './toolchain.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ status: string, assertionResults: unknown[] }} TestFile */
/** @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number, testResults: TestFile[] }} Report */

const CACHE = join(ROOT, '.cache');
const COUNTS = join(CACHE, 'counts.json');
export const VITEST_REPORT = join(CACHE, 'vitest.json');

/** @template T @param {string} file @returns {T | undefined} */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Forgets the last run: what breaks off early must not leave its counts standing. */
export function forgetCounts() {
  mkdirSync(CACHE, { recursive: true });
  rmSync(COUNTS, { force: true });
  rmSync(VITEST_REPORT, { force: true });
}

/**
 * Reads vitest's report. A test file which could not be loaded, and each failed check, counts as one failure;
 * a run which failed for any other reason never says 0 failed.
 * @param {number} exitCode of vitest
 * @param {number} failedChecks
 * @returns {Counts}
 */
export function count(exitCode, failedChecks) {
  /** @type {Report | undefined} */
  const report = readJson(VITEST_REPORT);
  const unloaded = report?.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const failedTests = (report?.numFailedTests ?? 0) + (unloaded?.length ?? 0);
  const counts = {
    passed: report?.numPassedTests ?? 0,
    failed: Math.max(failedTests, exitCode === 0 ? 0 : 1) + failedChecks,
    skipped: report ? report.numPendingTests + report.numTodoTests : 0,
  };
  writeFileSync(COUNTS, JSON.stringify(counts));
  return counts;
}

/** The last run's closing line; a run which never came to its end is one failure. */
export function closingLine() {
  /** @type {Counts} */
  const { passed, failed, skipped } = readJson(COUNTS) ?? { passed: 0, failed: 1, skipped: 0 };
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
