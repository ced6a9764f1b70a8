import { expect, it } from 'vitest';
import { casesFor } from './case.js';
import { runCases } from './run-cases.js';

const caseThat = (run: (stop: AbortController) => Promise<void>) =>
  casesFor<AbortController>('server', [{ name: 'waits', rules: ['A1.1'], run }]);

it('holds nothing against a target that a case was waiting for when the run was stopped', async () => {
  const stop = new AbortController();
  const waits = caseThat(
    (env) =>
      new Promise((_, reject) => {
        stop.signal.addEventListener('abort', () => reject(new Error('aborted')));
        env.abort();
      }),
  );
  const environment = { lacks: () => undefined, open: async () => ({ env: stop, close: async () => {} }) };
  expect(await runCases(waits, environment, { signal: stop.signal })).toMatchObject([
    { outcome: { kind: 'skipped', why: 'the run was stopped' } },
  ]);
});

it('ends a case that begins as the run is stopped', async () => {
  const stop = new AbortController();
  const environment = {
    lacks: () => undefined,
    open: async () => {
      stop.abort();
      return { env: stop, close: async () => {} };
    },
  };
  const hangs = caseThat(() => new Promise(() => {}));
  expect(await runCases(hangs, environment, { signal: stop.signal })).toMatchObject([
    { outcome: { kind: 'skipped', why: 'the run was stopped' } },
  ]);
});
