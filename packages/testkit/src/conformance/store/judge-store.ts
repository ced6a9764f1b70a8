import { type ConformanceReport, summarise } from '../outcome.js';
import { type Environment, type RunOptions, runCases } from '../run-cases.js';
import { STORE_CASES, type StoreEnv } from './store-cases.js';
import type { StoreTarget, StoreUnderTest } from './store-port.js';

/** Judges a store. Never rejects. */
export async function judgeStore(target: StoreTarget, options: RunOptions = {}): Promise<ConformanceReport> {
  const run = await runCases(STORE_CASES, environment(target), options);
  return summarise('store', target.name, run);
}

function environment(target: StoreTarget): Environment<StoreEnv> {
  return {
    lacks: () => undefined,
    async open() {
      await target.clear();
      let current: StoreUnderTest = await target.open();
      const reopen = async () => {
        await current.close();
        current = await target.open();
        return current;
      };
      return { env: { store: current, reopen }, close: () => current.close() };
    },
  };
}
