import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { CLIENT_CASES } from '../client/client-cases.js';
import { SERVER_CASES } from '../server/server-cases.js';
import { clausesMisplaced, clausesWithoutCase, rulesPage, unknownClauses } from './coverage.js';

it('has a MUST case for every clause that shows from outside, on every target where it shows', () => {
  expect(clausesWithoutCase()).toEqual([]);
});

it('knows every clause that a case names, and that it shows there', () => {
  expect(unknownClauses()).toEqual([]);
  expect(clausesMisplaced()).toEqual([]);
});

it('names each case once', () => {
  for (const cases of [SERVER_CASES, CLIENT_CASES]) {
    const names = cases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  }
});

it('keeps the generated page in step with the cases', async () => {
  // `npx vitest run --project testkit -u` writes it anew.
  await expect(rulesPage()).toMatchFileSnapshot(
    fileURLToPath(new URL('../../../CONFORMANCE.md', import.meta.url)),
  );
});
