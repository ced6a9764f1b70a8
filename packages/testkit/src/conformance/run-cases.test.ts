import { expect, it } from 'vitest';
import { casesFor } from './case.js';
import { RunEnded, runCases } from './run-cases.js';

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
  expect(await runCases(waits, environment, { signal: stop.signal })).toMatchObject({
    results: [{ outcome: { kind: 'skipped', why: 'the run was stopped' } }],
    complete: false,
  });
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
  expect(await runCases(hangs, environment, { signal: stop.signal })).toMatchObject({
    results: [{ outcome: { kind: 'skipped', why: 'the run was stopped' } }],
    complete: false,
  });
});

it('ends, and holds nothing against the target, when what the run needs is gone', async () => {
  const gone = new RunEnded('gone');
  const env = new AbortController();
  const fails = caseThat(() => Promise.reject(new Error('401')));
  const passes = caseThat(async () => {});
  const atOpen = { lacks: () => undefined, open: () => Promise.reject(gone) };
  const atClose = {
    lacks: () => undefined,
    open: async () => ({ env, close: () => Promise.reject(gone) }),
  };
  const ended = { results: [], complete: false, why: 'gone' };
  expect(await runCases([...passes, ...passes], atOpen)).toEqual(ended);
  expect(await runCases([...fails, ...passes], atClose)).toEqual(ended);
  expect(await runCases(passes, atClose)).toMatchObject({ results: [{ outcome: { kind: 'passed' } }] });
});
